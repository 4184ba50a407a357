// SPDX-License-Identifier: Apache-2.0
//
// Loading: the shapes of what is about to come, so that nothing moves when it does.

import { column, route } from '../lib/router.ts';
import { t } from '../strings/index.ts';

const rowWidths = [58, 74, 46, 66, 52, 80, 61, 43];
const messageShapes = [[22, 78], [18, 92, 40], [26, 54], [20, 84, 66], [24, 38], [19, 88, 73, 30]];

function Bone({ width, class: extra = '' }: { width: number; class?: string }) {
  return <span class={`bone ${extra}`} style={{ width: `${width}%` }} />;
}

/** `head`: the list has sections, as that of conversations. */
export function ListSkeleton({ rows = 8, head }: { rows?: number; head?: boolean }) {
  return (
    <div class="bones bone-list" aria-hidden="true">
      {head && (
        <div class="side-section-head">
          <Bone width={26} />
        </div>
      )}
      {Array.from({ length: rows }, (_, index) => (
        <div class="bone-row" key={index}>
          <span class="bone round bone-mark" />
          <Bone width={rowWidths[index % rowWidths.length]!} />
        </div>
      ))}
    </div>
  );
}

export function MessagesSkeleton() {
  return (
    <div class="bones bone-messages" role="status" aria-label={t.conversation.loading}>
      {messageShapes.map(([name, ...lines], index) => (
        <div class="bone-message" key={index}>
          <span class="bone round bone-avatar" />
          <div class="grow">
            <Bone width={name!} />
            {lines.map((width, line) => (
              <Bone key={line} width={width} class="soft" />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

/** The whole shell before anything is known. */
export function Splash() {
  return (
    <div class="shell" data-column={column.value} aria-busy="true" aria-label={t.conversation.loading}>
      <aside class="side">
        <div class="side-head bones bone-own">
          <span class="bone round" />
          <Bone width={44} />
        </div>
        <div class="side-filter bones" aria-hidden="true">
          <span class="bone input" />
        </div>
        <div class="side-scroll">
          <ListSkeleton rows={10} head />
        </div>
      </aside>
      <div class="main">
        {route.value.name === 'conversation' && (
          <>
            <div class="bar" />
            <div class="timeline-box">
              <div class="timeline">
                <div class="timeline-inner">
                  <MessagesSkeleton />
                </div>
              </div>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

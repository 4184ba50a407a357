// SPDX-License-Identifier: Apache-2.0
//
// The checker finds nothing in a good history, and every one of 1,000 seeded mutations of good ones; what it prints of a
// finding is enough to find it again.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, PROPERTIES, type PropertyName } from './checker.ts';
import { goodHistory } from './good.ts';
import { fromLines, History, toLines } from './history.ts';
import { MUTATIONS, Story } from './mutations.ts';
import { Random } from './random.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const good = SEEDS.map((seed) => goodHistory(seed));

describe('a good history', () => {
  it('passes, and the figures are its own', () => {
    for (const history of good) {
      const { violations, ...figures } = check(history);
      assert.deepEqual(violations, []);
      const sends = history.filter((entry) => entry.is === 'try' && entry.op === 'send').length;
      assert.equal(figures.attempted, sends);
      assert.ok(figures.acknowledged > 30 && figures.acknowledged === figures.ok && figures.recovered > 0);
      assert.deepEqual([figures.lost, figures.duplicated, figures.unexpected], [0, 0, 0]);
    }
  });

  it('is the same after it was written and read', () => {
    assert.deepEqual(check(fromLines(toLines(good[0]!))), check(good[0]!));
  });
});

describe('a device that is ready without a message', () => {
  const found = (removed: boolean) => {
    const history = new History();
    const [of, about] = [{ conversation: '100', account: '1' }, { device: 'd', account: '1', conversation: '100' }];
    for (const phase of ['try', 'ok'] as const) history.add({ is: 'in', phase, ...of });
    history.add({ is: 'try', key: 'k', op: 'send', ...about, device: 'other', body: 'a' });
    history.add({ is: 'ok', key: 'k', conversation: '100', seq: 1, mod: 1 });
    history.add({ is: 'follows', ...about, from: 1 });
    history.add({ is: 'life', device: 'd', account: '1', life: 'l', relay: 'a' });
    if (removed) history.add({ is: 'out', phase: 'try', ...of });
    history.add({ is: 'ready', device: 'd', life: 'l', whole: true });
    return check(history.entries).violations.some(({ property }) => property === 'P5');
  };

  it('is found, unless it was removed while it caught up', () => {
    assert.deepEqual([found(false), found(true)], [true, false]);
  });
});

describe('1,000 mutations', () => {
  const random = new Random(20261124);
  const caught = Object.fromEntries(Object.keys(PROPERTIES).map((name) => [name, 0])) as Record<PropertyName, number>;

  it('are all caught, as what they break, by a history that shows it', () => {
    const perProperty = Math.ceil(1000 / Object.keys(PROPERTIES).length);
    for (const property of Object.keys(PROPERTIES) as PropertyName[]) {
      const mutations = MUTATIONS.filter(([broken]) => broken === property);
      for (let i = 0; caught[property] < perProperty && i < 20 * perProperty; i++) {
        const [, name, mutate] = mutations[i % mutations.length]!;
        const story = new Story(random.pick(good), random);
        if (!mutate(story)) continue;
        const violation = check(story.entries).violations.find((found) => found.property === property);
        assert.ok(violation, `${property}, ${name}: not caught (${i})`);
        const again = check(violation.history).violations.map((found) => found.property);
        assert.ok(again.includes(property), `${property}, ${name}: not shown by ${toLines(violation.history)}`);
        assert.ok(violation.history.length < 120, `${property}, ${name}: ${violation.history.length} entries`);
        caught[property]++;
      }
    }
  });

  it('hit each property at least 20 times', () => {
    for (const [property, times] of Object.entries(caught)) assert.ok(times >= 20, `${property}: ${times}`);
    assert.ok(Object.values(caught).reduce((sum, times) => sum + times, 0) >= 1000);
  });
});

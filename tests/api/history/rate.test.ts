// SPDX-License-Identifier: Apache-2.0
// message_rate_limit over REST: per account, whichever worker answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus, type Answer } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack({ config: { message_rate_limit: '5/60' } });

test('the sixth message in a minute is one too many; its ref may be used again', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const d = await stack.direct(ada, bob);
  const post = (api: typeof ada, ref = crypto.randomUUID()): Promise<Answer> => api.post('/api/messages', { ref, conversation: d, body: 'x' });
  for (let n = 0; n < 5; n++) expectStatus(await post(ada), 201);
  const ref = crypto.randomUUID();
  const answer = await post(ada, ref);
  const problem = expectProblem(answer, 429, 'too_many');
  assert.ok(problem.retry_after! > 0 && problem.retry_after! <= 60);
  assert.equal(answer.headers.get('retry-after'), String(problem.retry_after));
  expectStatus(await post(bob), 201);
  await stack.db.query('TRUNCATE parley.throttle');
  assert.equal(expectStatus(await post(ada, ref), 201).message.seq, 7);
});

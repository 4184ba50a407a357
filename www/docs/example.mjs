// SPDX-License-Identifier: Apache-2.0
//
// A whole client with nothing but Node >= 22: node example.mjs http://127.0.0.1:8080 LOGIN PASSWORD, then type CONVERSATION TEXT
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';

const [origin, login, password] = process.argv.slice(2);
const mods = {}; // the cursor of each conversation
const unanswered = new Map(); // ref → command, until `sent` or a final `failed`
let socket, token, epoch, accountMod;
async function call(method, path, body) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(origin + path, { method, headers, body: body && JSON.stringify(body) });
  const json = await answer.json();
  return answer.ok ? json : Promise.reject(new Error(json.title));
}

async function readList() {
  const list = await call('GET', '/api/conversations');
  ({ epoch, account_mod: accountMod } = list);
  for (const { id, mod } of list.conversations) mods[id] = mod;
  console.table(list.conversations, ['id', 'title', 'peer', 'unread']);
}

const on = {
  ready: () => unanswered.forEach(say),
  message: (m) => m.mod > (mods[m.conversation] ?? 0) && console.log(m.conversation, `#${m.seq}`, m.sender, m.body ?? '–'),
  conversation: ({ conversation: c }) => (mods[c.id] ??= c.mod),
  sent: ({ ref }) => unanswered.delete(ref),
  failed: ({ ref, error }) => error.status !== 429 && error.status !== 503 && unanswered.delete(ref) && console.log(error.title),
  reset: () => readList().then(hello),
  behind: () => hello(),
};

const say = (command) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(command));
const hello = () => say({ type: 'hello', token, epoch, account_mod: accountMod, resume: mods });

function connect() {
  socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/live/ws`, 'parley.v1');
  socket.onopen = hello;
  socket.onclose = ({ code }) => (code >= 4001 || code === 1008 ? process.exit(1) : setTimeout(connect, 1000 + Math.random() * 2000));
  socket.onmessage = ({ data }) => {
    for (const event of JSON.parse(data)) {
      on[event.type]?.(event);
      if (event.mod) mods[event.conversation] = Math.max(mods[event.conversation] ?? 0, event.type === 'sent' ? 0 : event.mod);
      if (event.account_mod && event.type !== 'welcome') accountMod = Math.max(accountMod, event.account_mod);
    }
  };
}

({ token } = await call('POST', '/api/login', { login, password, bearer: true }));
await readList().then(connect);
createInterface({ input: process.stdin }).on('line', (line) => {
  const [, conversation, body] = /^(\d+) (.+)$/.exec(line) ?? [];
  if (!body) return console.log('CONVERSATION TEXT, please');
  const command = { type: 'send', ref: randomUUID(), conversation, body };
  unanswered.set(command.ref, command);
  say(command);
});

// SPDX-License-Identifier: Apache-2.0
//
// RFC 6455, after the cases of the public Autobahn test suite, by their numbers; at the relay's own socket and through the web
// server. Parley echoes nothing but the `ref` of a command that it does not know, so this is what stands for a message, padded
// where the case is about length: `echo`. Where Parley's own rules want another end than an echo server's, the case says why.
// A pong may be overtaken by an echo; and where pings come faster than pongs leave, libwebsockets answers the first and drops the
// others (RFC 6455 section 5.5.3 speaks of the last; 2.10 says itself that no more is required). Not here: 12 and 13 (compression is never negotiated: door.test.ts).

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { useStack, type Person } from '../../lib/stack.ts';
import { closeData, frame, OP, RawSocket, ready } from './raw.ts';

const stack = useStack({ relays: ['a'] });
let ada: Person;
beforeEach(async () => {
  ada ??= await stack.person('ada');
});

interface Case {
  no: string;
  what: string;
  /** Frames, or pieces of such, written one after another. */
  send: Buffer[];
  /** What comes back, up to the end: `echo TEXT`, `pong HEX`, `close CODE`. */
  expect: string[];
  /** The close frame is among what is sent. */
  closes?: boolean;
  /** Or the connection is dropped without the relay's close frame, as the case allows. */
  dropped?: boolean;
  /** It stays open after the relay's close frame, for 5 s. */
  lingers?: boolean;
  /** Written in pieces of so many bytes; 0: a frame at a time, not all at once. */
  chop?: number;
}

const KOSME = 'cebae1bdb9cf83cebcceb5'; // κόσμε
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const HELLO = 'Hello, world!';
/** A message that is answered by `echo TEXT`; as long as it is told to be. */
function message(text: Buffer | string, length = 0): Buffer {
  const bare = Buffer.concat([Buffer.from('{"type":"echo","ref":"'), Buffer.from(text as string), Buffer.from('"}')]);
  return length <= bare.length ? bare : Buffer.concat([bare, Buffer.alloc(length - bare.length, 32)]);
}
const text = (payload: Buffer | string, length = 0): Buffer => frame(OP.text, message(payload, length));
const fragments = (whole: Buffer, size: number): Buffer[] => {
  const count = Math.ceil(whole.length / size);
  return Array.from({ length: count }, (_, i) => frame(i === 0 ? OP.text : OP.more, whole.subarray(i * size, (i + 1) * size), { fin: i === count - 1 }));
};
const [one, two] = [message('fragment'), message('fragment')].map((whole, i) => (i === 0 ? whole.subarray(0, 10) : whole.subarray(10))) as [Buffer, Buffer];
const ping = (payload: Buffer | string = ''): Buffer => frame(OP.ping, payload);
const pong = (payload: Buffer | string = ''): string => `pong ${Buffer.from(payload as string).toString('hex')}`;
const close = (code = 1000, reason = ''): Buffer => frame(OP.close, closeData(code, reason));
const bad = (no: string, what: string, send: Buffer[], chop?: number, before: string[] = []): Case => ({ no, what, send, expect: [...before, 'close 1002'], ...(chop === undefined ? {} : { chop }) });
const good = (no: string, what: string, send: Buffer[], expect: string[], chop?: number): Case => ({ no, what, send, expect: [...expect, 'close 1000'], ...(chop === undefined ? {} : { chop }) });
/** The same case sent at once, a frame at a time, and a byte at a time: three numbers. */
const thrice = (first: number, what: string, make: (no: string, suffix: string, chop: number | undefined) => Case): Case[] =>
  [['', undefined], [', a frame at a time', 0], [', a byte at a time', 1]].map(([suffix, chop], i) => make(`5.${first + i}`, what + String(suffix), chop as number | undefined));

const FRAMING: Case[] = [
  // 1.1.1, an empty text, is 6.1.1.
  ...[125, 126, 127, 128, 65_535, 65_536].map((length, i) => good(`1.1.${i + 2}`, `a text of ${length} bytes`, [text(HELLO, length)], [`echo ${HELLO}`])),
  good('1.1.8', 'a text of 65,536 bytes in pieces of 997', [text(HELLO, 65_536)], [`echo ${HELLO}`], 997),
  // Frames are text (protocol.md 3.3): 1003. Who still writes may miss it.
  ...[0, 125, 126, 127, 128, 65_535, 65_536, 65_536].map((length, i): Case => ({ no: `1.2.${i + 1}`, what: `binary of ${length} bytes: frames are text`,
    send: [frame(OP.binary, Buffer.alloc(length, 0xfe))], expect: ['close 1003'], ...(i === 7 ? { chop: 997, dropped: true } : {}) })),
];

const binary125 = Buffer.alloc(125, 0xfe);
const tenPings = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const PINGS: Case[] = [
  good('2.1', 'a ping without payload', [ping()], [pong()]),
  good('2.2', 'a ping with a text', [ping(HELLO)], [pong(HELLO)]),
  good('2.3', 'a ping with bytes that are no text', [ping(bytes('00fffefdfcfb00ff'))], ['pong 00fffefdfcfb00ff']),
  good('2.4', 'a ping of 125 bytes', [ping(binary125)], [pong(binary125)]),
  { ...bad('2.5', 'a ping of 126 bytes', [ping(Buffer.alloc(126, 0xfe))]), dropped: true }, // libwebsockets says nothing more
  good('2.6', 'a ping of 125 bytes, a byte at a time', [ping(binary125)], [pong(binary125)], 1),
  good('2.7', 'a pong that nobody asked for', [frame(OP.pong, '')], []),
  good('2.8', 'likewise with payload', [frame(OP.pong, 'unsolicited')], []),
  good('2.9', 'a pong that nobody asked for, and a ping', [frame(OP.pong, 'unsolicited'), ping(HELLO)], [pong(HELLO)]),
  good('2.10', 'ten pings', tenPings.map((p) => ping(p)), tenPings.map((p) => pong(p)), 0),
  good('2.11', 'ten pings, a byte at a time', tenPings.map((p) => ping(p)), tenPings.map((p) => pong(p)), 1),
];

const reserved = (no: string, rsv: number, chop?: number): Case =>
  bad(no, `reserved bits ${rsv} in a text, after a good one`, [text('first'), frame(OP.text, message('second'), { rsv }), ping()], chop, ['echo first']);
/** After these libwebsockets reads no more, so that it does not see the answer to its close frame. */
const RESERVED: Case[] = [
  bad('3.1', 'reserved bits 1 in a text', [frame(OP.text, message(HELLO), { rsv: 1 })]),
  reserved('3.2', 2, 0), reserved('3.3', 3, 0), reserved('3.4', 4, 1),
  bad('3.5', 'reserved bits 5 in binary', [frame(OP.binary, bytes('00fffefd'), { rsv: 5 })]),
  bad('3.6', 'reserved bits 6 in a ping', [frame(OP.ping, bytes('00fffefd'), { rsv: 6 })]),
  bad('3.7', 'reserved bits 7 in a close', [frame(OP.close, '', { rsv: 7 })]),
].map((each) => ({ ...each, lingers: true }));

const opcode = (no: string, op: number, payload: string, first: boolean, chop: number): Case =>
  bad(no, `opcode ${op}${payload && ' with payload'}${first ? ', after a good text' : ''}`, [...(first ? [text('first')] : []), frame(op, payload), ping()], chop, first ? ['echo first'] : []);
const OPCODES: Case[] = [
  ...[3, 4, 5, 6, 7].map((op, i) => opcode(`4.1.${i + 1}`, op, op % 2 ? '' : 'reserved', i > 1, i > 2 ? 1 : 0)),
  ...[11, 12, 13, 14, 15].map((op, i) => opcode(`4.2.${i + 1}`, op, op % 2 ? '' : 'reserved', i > 1, i > 2 ? 1 : 0)),
];

const five = fragments(message('a text in five pieces'), 10).slice(0, 5);
const FRAGMENTS: Case[] = [
  bad('5.1', 'a ping in two pieces', [frame(OP.ping, 'fragment1', { fin: false }), frame(OP.more, 'fragment2')]),
  bad('5.2', 'a pong in two pieces', [frame(OP.pong, 'fragment1', { fin: false }), frame(OP.more, 'fragment2')]),
  ...thrice(3, 'a text in two pieces', (no, what, chop) => good(no, what, [frame(OP.text, one, { fin: false }), frame(OP.more, two)], ['echo fragment'], chop)),
  ...thrice(6, 'a ping between two pieces', (no, what, chop) => good(no, what, [frame(OP.text, one, { fin: false }), ping('between'), frame(OP.more, two)], [pong('between'), 'echo fragment'], chop)),
  ...thrice(9, 'a last piece of nothing', (no, what, chop) => bad(no, what, [frame(OP.more, 'nothing'), text(HELLO)], chop)),
  ...thrice(12, 'a first piece of nothing', (no, what, chop) => bad(no, what, [frame(OP.more, 'nothing', { fin: false }), text(HELLO)], chop)),
  bad('5.15', 'a piece of nothing after a text in two pieces', [frame(OP.text, one, { fin: false }), frame(OP.more, two), frame(OP.more, 'nothing', { fin: false }), text(HELLO)], 0, ['echo fragment']),
  bad('5.16', 'a piece of nothing before a text in two pieces', [frame(OP.more, 'x', { fin: false }), frame(OP.text, one, { fin: false }), frame(OP.more, two)]),
  bad('5.17', 'a last piece of nothing before a text in two pieces', [frame(OP.more, 'x'), frame(OP.text, one, { fin: false }), frame(OP.more, two)]),
  bad('5.18', 'a second text before the first has ended', [frame(OP.text, one, { fin: false }), frame(OP.text, two)]),
  ...([['5.19', undefined], ['5.20', 0]] as const).map(([no, chop]) => good(no, 'five pieces with two pings', [five[0]!, five[1]!, ping('1'), five[2]!, five[3]!, ping('2'), five[4]!],
    [pong('1'), pong('2'), 'echo a text in five pieces'], chop)),
];

/** Case 6.5 and on: sequences of a kind, and whether they are UTF-8. */
const chars = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => (from + i).toString(16) + '20').join('');
const CUT = ['c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf'];
const prefixes = Array.from({ length: 11 }, (_, i) => KOSME.slice(0, 2 * i + 2));
const SEQUENCES: [sub: number, what: string, yes: string[], no: string[]][] = [
  [5, 'good sequences', ['68656c6c6f24776f726c64', '68656c6c6fc2a2776f726c64', '68656c6c6fe282ac776f726c64', '68656c6c6ff0a4ada2776f726c64', KOSME], []],
  [6, 'prefixes of a good text', prefixes.filter((_, i) => [1, 4, 6, 8, 10].includes(i)), prefixes.filter((_, i) => ![1, 4, 6, 8, 10].includes(i))],
  // 6.7.1, U+0000: a text of JSON has no control characters, and Parley's have no NUL.
  [7, 'the first of each length', ['c280', 'e0a080', 'f0908080'], ['00']],
  [8, 'the first of five and six bytes', [], ['f888808080', 'fc8480808080']],
  [9, 'the last of each length', ['7f', 'dfbf', 'efbfbf', 'f48fbfbf'], []],
  [10, 'the last of four, five and six bytes', [], ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf']],
  [11, 'other boundaries', ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'], ['f4908080']],
  [12, 'unexpected continuation bytes', [], ['80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf', Array.from({ length: 63 }, (_, i) => (0x80 + i).toString(16)).join('')]],
  [13, 'lonely start characters', [], [chars(0xc0, 0xdf), chars(0xe0, 0xef), chars(0xf0, 0xf7), chars(0xf8, 0xfb), chars(0xfc, 0xfd)]],
  [14, 'without the last byte', [], CUT],
  [15, 'several without the last byte', [], [CUT.join('')]],
  [16, 'impossible bytes', [], ['fe', 'ff', 'fefeffff']],
  [17, 'overlong forms', [], ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af']],
  [18, 'the longest overlong forms', [], ['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf']],
  [19, 'overlong NUL', [], ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080']],
  [20, 'single surrogates', [], ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf']],
  [21, 'paired surrogates', [], ['eda080edb080', 'eda080edbfbf', 'edadbfedb080', 'edadbfedbfbf', 'edae80edb080', 'edae80edbfbf', 'edafbfedb080', 'edafbfedbfbf']],
  [22, 'characters that are none', ['efbfbe', 'efbfbf', ...Array.from({ length: 16 }, (_, i) => [0xfffe, 0xffff].map((low) => Buffer.from(String.fromCodePoint((i + 1) * 0x10000 + low)).toString('hex'))).flat()], []],
  [23, 'specials', Array.from({ length: 7 }, (_, i) => Buffer.from(String.fromCodePoint(0xfff9 + i)).toString('hex')).slice(0, 5), []],
];
const spoiled = (wrong: string): Buffer => message(bytes(KOSME + wrong + '656469746564'));
const at = (whole: Buffer): number => whole.indexOf(bytes(KOSME)) + KOSME.length / 2;
/** One text in three pieces, of which the second spoils it: as frames, or as parts of one frame. */
function early(no: string, wrong: string, asFrames: boolean): Case {
  const whole = spoiled(wrong), cut = at(whole), end = cut + wrong.length / 2;
  const parts = asFrames ? [frame(OP.text, whole.subarray(0, cut), { fin: false }), frame(OP.more, whole.subarray(cut, end), { fin: false })]
    : [frame(OP.text, whole).subarray(0, 6 + end)]; // a head of 6 bytes
  return { no, what: `spoiled early, in ${asFrames ? 'frames' : 'pieces of one frame'}, refused before its end`, send: parts, expect: ['close 1007'], chop: 0 };
}
const UTF8: Case[] = [
  // Parley's messages are JSON: what is empty is none.
  { no: '1.1.1, 6.1.1', what: 'an empty text is no JSON', send: [frame(OP.text, '')], expect: ['close 1007'] },
  { no: '6.1.2', what: 'three empty pieces are no JSON', send: [frame(OP.text, '', { fin: false }), frame(OP.more, '', { fin: false }), frame(OP.more, '')], expect: ['close 1007'] },
  good('6.1.3', 'three pieces, of which the middle one only is not empty', [frame(OP.text, '', { fin: false }), frame(OP.more, message('middle'), { fin: false }), frame(OP.more, '')], ['echo middle']),
  good('6.2.1', 'a text of many bytes a character', [text('Hello-µ@ßöäüàá-UTF-8!!')], ['echo Hello-µ@ßöäüàá-UTF-8!!']),
  good('6.2.2', 'in two pieces, between characters', fragments(message('äääää'), 24), ['echo äääää']),
  good('6.2.3', 'in pieces of a byte', fragments(message('Hello-µ@ß'), 1), ['echo Hello-µ@ß']),
  good('6.2.4', 'in pieces of a byte, of Greek', fragments(message('κόσμε'), 1), ['echo κόσμε']),
  { no: '6.3.1', what: 'a surrogate within a text', send: [frame(OP.text, spoiled('eda080'))], expect: ['close 1007'] },
  { no: '6.3.2', what: 'likewise in pieces of a byte', send: fragments(spoiled('eda080'), 1), expect: ['close 1007'] },
  early('6.4.1', 'f4908080', true), early('6.4.2', 'f490', true), early('6.4.3', 'f4908080', false), early('6.4.4', 'f490', false),
  ...SEQUENCES.flatMap(([sub, what, yes, no]): Case[] => [
    ...yes.map((hex) => good(`6.${sub}`, `${what}: ${hex}`, [text(bytes(hex))], [`echo ${bytes(hex).toString()}`])),
    ...no.map((hex): Case => ({ no: `6.${sub}`, what: `${what}, refused: ${hex.slice(0, 40)}`, send: [text(bytes(hex))], expect: ['close 1007'] })),
  ]),
];

const closing = (no: string, what: string, data: Buffer | string, expect: string, more: Buffer[] = []): Case => ({ no, what, send: [frame(OP.close, data), ...more], expect: expect ? [expect] : [], closes: true });
const CLOSES: Case[] = [
  good('7.1.1', 'a text, then a close', [text(HELLO)], [`echo ${HELLO}`]),
  closing('7.1.2', 'two closes', closeData(1000), 'close 1000', [close()]),
  closing('7.1.3', 'a ping after the close: no pong', closeData(1000), 'close 1000', [ping()]),
  closing('7.1.4', 'a text after the close is not run', closeData(1000), 'close 1000', [text(HELLO)]),
  { no: '7.1.5', what: 'a close between two pieces', send: [frame(OP.text, one, { fin: false }), close(), frame(OP.more, two)], expect: ['close 1000'], closes: true },
  good('7.1.6', '256 KiB, a text, then a close', [text('long', 262_144), text(HELLO)], ['echo long', `echo ${HELLO}`], 0),
  // An empty close is answered by an empty one (RFC 6455 section 5.5.1 echoes what came).
  closing('7.3.1', 'a close without a code', '', 'close 0'),
  // Taken for one without a code, by libwebsockets. The connection ends all the same.
  closing('7.3.2', 'a close of one byte', 'a', 'close 0'),
  closing('7.3.3', 'a close with a code', closeData(1000), 'close 1000'),
  closing('7.3.4', 'a close with a reason', closeData(1000, HELLO), 'close 1000'),
  closing('7.3.5', 'a close with the longest reason', closeData(1000, '*'.repeat(123)), 'close 1000'),
  { ...closing('7.3.6', 'a close with a reason too long', closeData(1000, '*'.repeat(124)), 'close 1002'), dropped: true },
  { ...closing('7.5.1', 'a close with a reason that is not UTF-8', Buffer.concat([closeData(1000), bytes(`${KOSME}eda080656469746564`)]), 'close 1007'), dropped: true },
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map((code, i) => closing(`7.7.${i + 1}`, `a close with ${code}`, closeData(code), `close ${code}`)),
  ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999].map((code, i) => closing(`7.9.${i + 1}`, `a close with ${code}, which is none`, closeData(code), 'close 1002')),
  ...[5000, 65_535].map((code, i) => closing(`7.13.${i + 1}`, `a close with ${code}, of which the RFC says nothing`, closeData(code), `close ${code}`)),
];

/** A message is at most 256 KiB (protocol.md section 1): beyond that 1009, whatever the case hopes for; who still writes
 *  4 MiB later may miss it. */
const LIMITS: Case[] = [
  ...[65_536, 262_144].map((length, i) => good(`9.1.${i + 1}`, `a text of ${length} bytes`, [text(HELLO, length)], [`echo ${HELLO}`])),
  ...[1, 4, 8, 16].map((mib, i): Case => ({ no: `9.1.${i + 3}`, what: `a text of ${mib} MiB is too long`, send: [frame(OP.text, ' '.repeat(Math.min(mib, 4) * 1_048_576), { length: BigInt(mib) * 1_048_576n })], expect: ['close 1009'], dropped: mib > 4 })),
  // 9.2 is the same with binary: 1.2.
  ...[64, 256, 1024, 4096, 16_384, 65_536, 262_144].map((size, i) => good(`9.3.${i + 1}`, `a text of 256 KiB in frames of ${size}`, fragments(message(HELLO, 262_144), size), [`echo ${HELLO}`])),
  { no: '9.3.8-9', what: 'a text of 256 KiB and a byte, in two frames, is too long', send: fragments(message(HELLO, 262_145), 262_144), expect: ['close 1009'] },
  // 9.4 is the same with binary: 1.2.
  ...[64, 128, 256, 512, 1024, 2048].map((chop, i) => good(`9.5.${i + 1}`, `a text of 256 KiB in pieces of ${chop}`, [text(HELLO, 262_144)], [`echo ${HELLO}`], chop)),
  // 9.6, 9.8: binary. 9.7.1: empty.
  ...[16, 64, 256, 1024, 4096].map((length, i) => good(`9.7.${i + 2}`, `200 texts of ${length} bytes`, Array.from({ length: 200 }, (_, k) => text(String(k), length)), Array.from({ length: 200 }, (_, k) => `echo ${k}`))),
  good('10.1.1', 'a text of 65,536 bytes in frames of 1,300', fragments(message(HELLO, 65_536), 1300), [`echo ${HELLO}`]),
];

async function write(raw: RawSocket, each: Case): Promise<void> {
  if (each.chop === undefined) raw.write(...each.send);
  else {
    const pieces = each.chop === 0 ? each.send : each.send.flatMap((part) => Array.from({ length: Math.ceil(part.length / each.chop!) }, (_, i) => part.subarray(i * each.chop!, (i + 1) * each.chop!)));
    for (const piece of pieces) {
      if (raw.socket.destroyed) return;
      raw.write(piece);
      await new Promise((done) => setImmediate(done));
    }
  }
}

/** What one frame of the relay's says. */
function told(got: { op: number; data: Buffer }): string[] {
  if (got.op === OP.text) return (JSON.parse(got.data.toString()) as { ref?: string }[]).map(({ ref }) => `echo ${ref}`);
  if (got.op === OP.pong) return [pong(got.data)];
  return got.op === OP.close ? [`close ${got.data.length < 2 ? 0 : got.data.readUInt16BE(0)}`] : [`frame ${got.op}`];
}

/** As expected: pongs apart from the rest, in order, one at least. */
function judge(got: string[], { expect, dropped }: Case): void {
  const isPong = (what: string): boolean => what.startsWith('pong');
  const isClose = (what: string): boolean => what.startsWith('close');
  const [pongs, wanted] = [got.filter(isPong), expect.filter(isPong)];
  const rest = (list: string[]): string[] => list.filter((what) => !isPong(what) && !(dropped && !got.some(isClose) && isClose(what)));
  assert.deepEqual(rest(got), rest(expect));
  assert.deepEqual(pongs, wanted.filter((each) => pongs.includes(each)));
  assert.equal(pongs.length > 0, wanted.length > 0);
}

async function run(where: string | number, each: Case): Promise<void> {
  const raw = await ready(where, ada.token);
  const got: string[] = [];
  const take = async (): Promise<boolean> => {
    const next = await raw.frame().catch((error: Error) => error);
    if (next instanceof Error) return assert.match(next.message, /ended/), false;
    got.push(...told(next));
    return true;
  };
  await write(raw, each);
  const before = each.closes ? [] : each.expect.filter((what, i) => !what.startsWith('close') && !(what.startsWith('pong') && each.expect.slice(0, i).some((other) => other.startsWith('pong'))));
  while (!before.every((what) => got.includes(what)) && await take());
  if (!each.closes && each.expect.at(-1) === 'close 1000') raw.write(close());
  while (!got.at(-1)?.startsWith('close') && await take());
  if (!each.closes) raw.write(close());
  while (!each.lingers && await take());
  raw.end();
  judge(got, each);
}

const GROUPS: [string, Case[]][] = [['framing', FRAMING], ['pings', PINGS], ['reserved bits', RESERVED], ['opcodes', OPCODES], ['fragments', FRAGMENTS], ['UTF-8', UTF8], ['closes', CLOSES], ['limits', LIMITS]];
for (const [place, where] of [['at the relay', () => stack.socket('relay-a')], ['through the web server', () => stack.port]] as const) {
  for (const [name, cases] of GROUPS) {
    describe(`${name}, ${place}`, () => {
      for (const each of cases) it(`${each.no}: ${each.what}`, () => run(where(), each));
    });
  }
}

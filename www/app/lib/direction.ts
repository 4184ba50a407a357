// SPDX-License-Identifier: Apache-2.0
//
// The direction in which a text is read, by its first letter that has one.

const letter = /\p{L}/u;
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

export function directionOf(text: string): 'ltr' | 'rtl' {
  return rightToLeft.test(letter.exec(text)?.[0] ?? '') ? 'rtl' : 'ltr';
}

/** Keeps the direction of one piece of text from turning what stands beside it. */
export function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}

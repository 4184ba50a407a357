// SPDX-License-Identifier: Apache-2.0
//
// The words of the chosen language. One catalogue a language; English is the
// one that defines what a catalogue holds.

import { en } from './en.ts';

export type Catalogue = typeof en;

export const t: Catalogue = en;

// SPDX-License-Identifier: Apache-2.0
//
// Draws faults from the table with the run's seed, one at a time for each thing they touch, and measures how long after
// the healing everybody that it touched is back, caught up, and heard.

import { deferred } from '../../www/client/timing.ts';
import { pause, until } from '../lib/wait.ts';
import { FAULTS, type Fault, type Scene } from './faults.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';
import type { Workload } from './workload.ts';

const RECOVERY_MS = 60_000;

export interface Injected {
  name: string;
  at: number;
  lastedMs: number;
  recoveredMs: number;
}

export class Injector {
  readonly done: Injected[] = [];
  #place: Place;
  #workload: Workload;
  #random: Random;
  #only: readonly Fault[];
  #stopped = deferred<void>();
  #running = true;

  constructor(place: Place, workload: Workload, random: Random, only: string[] = []) {
    this.#place = place;
    this.#workload = workload;
    this.#random = random;
    this.#only = FAULTS.filter((fault) => !fault.lacks?.(place) && (only.length === 0 || only.some((part) => fault.name.includes(part))));
  }

  /** Until stopped: service faults one after the other, and faults of devices beside them. */
  async run(): Promise<void> {
    await Promise.all([this.#series(['all', 'relay'], 1500, this.#random.fork()), this.#series(['device'], 1500, this.#random.fork()), this.#series(['device'], 2500, this.#random.fork())]);
  }

  /** What lasts is healed now. */
  stop(): void {
    this.#running = false;
    this.#stopped.resolve(undefined);
  }

  /** Each of the kind once in a drawn order, then again: a short run has as many kinds as it can. */
  async #series(kinds: Fault['touches'][], pauseMs: number, random: Random): Promise<void> {
    const table = this.#only.filter(({ touches }) => kinds.includes(touches)).flatMap((fault) => Array.from({ length: Math.ceil(fault.weight ?? 1) }, () => fault));
    let deck: Fault[] = [];
    while (this.#running && table.length > 0) {
      await pause(random.int(pauseMs / 2, pauseMs * 1.5));
      if (deck.length === 0) deck = random.shuffled(table);
      const fault = deck.pop()!;
      if (this.#running && random.chance(Math.min(1, fault.weight ?? 1))) await this.#inject(fault, random);
    }
  }

  async #inject(fault: Fault, random: Random): Promise<void> {
    const devices = this.#workload.devices.filter(({ pipe }) => pipe.ill === 'well');
    const scene: Scene = { place: this.#place, workload: this.#workload, random, relay: random.pick(this.#place.stack.relays), device: random.pick(devices) };
    // The clients of the library do not say which relay they are with, so a relay's fault touches all.
    const touches = fault.touches === 'device' ? scene.device.name : 'all';
    const { history } = this.#workload;
    const began = performance.now();
    history.add({ is: 'fault', name: fault.name, phase: 'begin', touches });
    const heal = await fault.begin(scene);
    await Promise.race([pause(random.int(...fault.lasts)), this.#stopped.promise]);
    await heal();
    const ended = performance.now();
    // Each has to be back once, not all at one moment: the workload sends devices away as well.
    const away = new Set(touches === 'all' ? this.#workload.devices : [scene.device]);
    const back = (): boolean => {
      for (const device of away) if (device.ready || (touches === 'all' && device.pipe.ill !== 'well')) away.delete(device);
      return away.size === 0;
    };
    await until('all are back', back, RECOVERY_MS).catch(() => {
      for (const device of away) history.add({ is: 'away', device: device.name, what: `not back ${RECOVERY_MS / 1000} s after: ${fault.name}` });
    });
    history.add({ is: 'fault', name: fault.name, phase: 'end', touches });
    const injected = { name: fault.name, at: began, lastedMs: ended - began, recoveredMs: performance.now() - ended };
    this.done.push(injected);
    console.log(`  ${fault.name}${touches === 'all' ? (fault.touches === 'relay' ? ` (${scene.relay})` : '') : ` (${touches})`}: ${seconds(injected.lastedMs)} s, back after ${seconds(injected.recoveredMs)} s`);
  }
}

export const seconds = (ms: number): string => (ms / 1000).toFixed(1);

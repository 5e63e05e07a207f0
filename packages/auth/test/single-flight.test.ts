import { describe, expect, it } from '@jest/globals';
import { createDeferred } from '@lp/core/internal';
import { SingleFlight } from '../src/single-flight.ts';
import { isPending, rejection } from './support/errors.ts';

describe('SingleFlight', () => {
  it('runs a task once for all who come while it runs, and again after that', async () => {
    const flights = new SingleFlight<number>();
    let runs = 0;
    const task = () => Promise.resolve(++runs);
    expect(await Promise.all([flights.run(task), flights.run(task), flights.run(task)])).toEqual([1, 1, 1]);
    expect(flights.active).toBe(false);
    expect(await flights.run(task)).toBe(2);
  });

  it('gives everybody the failure, and starts anew after it', async () => {
    const flights = new SingleFlight<number>();
    const failure = new Error('no');
    const fail = () => Promise.reject(failure);
    expect(await Promise.all([rejection(flights.run(fail)), rejection(flights.run(fail))])).toEqual([failure, failure]);
    expect(await flights.run(() => Promise.resolve(1))).toBe(1);
  });

  it('lets one caller go without the others noticing', async () => {
    const flights = new SingleFlight<number>();
    const task = createDeferred<number>();
    const controller = new AbortController();
    let taskSignal: AbortSignal | undefined;
    const start = (signal: AbortSignal) => {
      taskSignal = signal;
      return task.promise;
    };
    const gone = rejection(flights.run(start, controller.signal));
    const stays = flights.run(start);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await gone).toBe(reason);
    expect(taskSignal?.aborted).toBe(false);
    expect(await isPending(stays)).toBe(true);
    task.resolve(5);
    expect(await stays).toBe(5);
  });

  it('aborts the task when the last caller goes, and starts a new one for the next', async () => {
    const flights = new SingleFlight<number>();
    const controllers = [new AbortController(), new AbortController()];
    const signals: AbortSignal[] = [];
    const hang = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<number>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const gone = controllers.map((controller) => rejection(flights.run(hang, controller.signal)));
    await Promise.resolve();
    controllers[0]?.abort(new Error('first'));
    expect(signals[0]?.aborted).toBe(false);
    const last = new Error('last');
    controllers[1]?.abort(last);
    expect(signals[0]?.reason).toBe(last);
    const fresh = flights.run(() => Promise.resolve(9));
    await Promise.all(gone);
    expect(await fresh).toBe(9);
  });

  it('starts nothing for a caller who is gone already', async () => {
    const flights = new SingleFlight<number>();
    const reason = new Error('enough');
    expect(await rejection(flights.run(() => Promise.resolve(1), AbortSignal.abort(reason)))).toBe(reason);
    expect(flights.active).toBe(false);
  });

  it('turns a task that throws at once into a rejection', async () => {
    const flights = new SingleFlight<number>();
    const failure = new Error('at once');
    const task = () => {
      throw failure;
    };
    expect(await rejection(flights.run(task))).toBe(failure);
    expect(flights.active).toBe(false);
  });

  it('can be ended from outside', async () => {
    const flights = new SingleFlight<number>();
    const hang = (signal: AbortSignal) =>
      new Promise<number>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const ended = rejection(flights.run(hang));
    await Promise.resolve();
    const reason = new Error('closed');
    flights.abort(reason);
    expect(await ended).toBe(reason);
    flights.abort(reason);
  });
});

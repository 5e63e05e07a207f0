import { describe, expect, it } from '@jest/globals';
import { createElapsed, type Readings } from '../../src/worker/elapsed.ts';
import { Lease, LoginGate } from '../../src/worker/lease.ts';

/** Clocks that move as a test says, each by itself. */
function createClocks() {
  const at = { monotonic: 1_000, wall: 50_000, uptime: 9_000 };
  const readings: Readings = { monotonic: () => at.monotonic, wall: () => at.wall, uptime: () => at.uptime };
  const advance = (ms: number) => {
    at.monotonic += ms;
    at.wall += ms;
    at.uptime += ms;
  };
  return { at, advance, elapsed: createElapsed(readings) };
}

function createLease() {
  const clocks = createClocks();
  return { ...clocks, lease: new Lease(clocks.elapsed, 900) };
}

describe('a lease', () => {
  it('allows nothing before the first good beat', () => {
    const { lease } = createLease();
    expect([lease.isValid, lease.leftMs]).toEqual([false, 0]);
  });

  it('is valid for its time after the beat was sent, not after it was answered', () => {
    const { advance, elapsed, lease } = createLease();
    const sentAt = elapsed.mark();
    advance(500);
    expect(lease.renew(sentAt)).toBe(true);
    advance(399);
    expect(lease.isValid).toBe(true);
    advance(1);
    expect(lease.isValid).toBe(false);
  });

  it('tells how long it is still valid', () => {
    const { advance, elapsed, lease } = createLease();
    lease.renew(elapsed.mark());
    expect(lease.leftMs).toBe(900);
    advance(300);
    expect(lease.leftMs).toBe(600);
    advance(700);
    expect(lease.leftMs).toBe(0);
  });

  it('takes no beat whose answer came after the deadline', () => {
    const { advance, elapsed, lease } = createLease();
    const sentAt = elapsed.mark();
    advance(900);
    expect([lease.renew(sentAt), lease.isValid]).toEqual([false, false]);
  });

  it('is over when the wall clock says so and the monotonic clock stood still, as in a guest that was suspended', () => {
    const { at, elapsed, lease } = createLease();
    lease.renew(elapsed.mark());
    at.wall += 900;
    expect(lease.isValid).toBe(false);
  });

  it('is over when the monotonic clock says so and the wall clock was set back', () => {
    const { at, elapsed, lease } = createLease();
    lease.renew(elapsed.mark());
    at.monotonic += 900;
    at.wall -= 3_600_000;
    expect(lease.isValid).toBe(false);
  });

  it('asks the uptime too at each beat', () => {
    const { at, elapsed, lease } = createLease();
    const sentAt = elapsed.mark();
    at.uptime += 900;
    expect(lease.renew(sentAt)).toBe(false);
  });

  it('is over at once when it is ended, and can be given anew', () => {
    const { elapsed, lease } = createLease();
    lease.renew(elapsed.mark());
    lease.end();
    expect(lease.isValid).toBe(false);
    lease.renew(elapsed.mark());
    expect(lease.isValid).toBe(true);
  });
});

describe("a login's gate", () => {
  it('opens and shuts with the lease, and tells of each renewal', () => {
    const { advance, elapsed, lease } = createLease();
    const gate = new LoginGate(lease);
    let opened = 0;
    const stop = gate.onOpen(() => opened++);
    expect(gate.mayWrite()).toBe(false);
    lease.renew(elapsed.mark());
    expect([gate.mayWrite(), opened]).toEqual([true, 1]);
    advance(900);
    expect(gate.mayWrite()).toBe(false);
    stop();
    lease.renew(elapsed.mark());
    expect(opened).toBe(1);
  });

  it('never opens again once the login is lost, whatever becomes of the lease', () => {
    const { elapsed, lease } = createLease();
    const gate = new LoginGate(lease);
    let opened = 0;
    gate.onOpen(() => opened++);
    lease.renew(elapsed.mark());
    gate.end();
    lease.renew(elapsed.mark());
    expect([gate.mayWrite(), opened]).toEqual([false, 1]);
  });
});

// Every statement is one round trip and atomic by itself, so that a pooler in transaction mode can sit in between.

export const WAKE_CHANNEL = 'lp_fleet';

const WAKE = `pg_notify('${WAKE_CHANNEL}', '')`;

export const JOIN = `
  with entered as (
    insert into lp_fleet.workers (incarnation, name, ttl_ms, room, list) values ($1, $2, $3, $4, $5) on conflict do nothing
  )
  select ${WAKE}`;

export const BEAT = 'update lp_fleet.workers set beat = beat + 1, info = $2::jsonb, list = $3 where incarnation = $1';

export const PULSE = 'select incarnation, beat, ttl_ms, pg_is_in_recovery() as standby from lp_fleet.workers';

// JSON comes as text: how a driver reads it is for the program to set, for all its pools at once.
export const READ = `
  select
    (select coalesce(json_agg(json_build_array(incarnation, name, beat, draining, info, ttl_ms, room, list)), '[]')::text
      from lp_fleet.workers) as workers,
    (select coalesce(json_agg(json_build_array(
      login, owner, epoch, (extract(epoch from since) * 1000)::bigint, clean, aside, move, avoid
    ) order by login), '[]')::text from lp_fleet.logins) as logins,
    pg_is_in_recovery() as standby`;

// Whoever is buried here beats no more: the row's lock puts a beat before the burial, which then finds another number, or
// after it, when the beat finds no row. The logins' own column says that their owner did not let go of them.
export const REMOVE = `
  with gone as (
    delete from lp_fleet.workers where incarnation = $1 and ($2::bigint is null or beat = $2) returning incarnation
  )
  select incarnation, ${WAKE} from gone`;

// The rows of logins that are new are made first; the statement after sees them.
export const REGISTER = `
  insert into lp_fleet.logins (login)
  select unnest($1::text[]) except select login from lp_fleet.logins
  on conflict do nothing`;

export const CLAIM = `
  with free as (
    select login, clean from lp_fleet.logins
    where owner is null and aside is null and login = any($2::text[])
    order by login for update skip locked
  ), claimed as (
    update lp_fleet.logins l
    set owner = $1, epoch = epoch + 1, since = clock_timestamp(), clean = false, move = false, avoid = null
    from free where l.login = free.login
    returning l.login, l.epoch, free.clean
  )
  select login, epoch, clean, ${WAKE} from claimed`;

export const RELEASE = `
  with released as (
    update lp_fleet.logins
    set owner = null, since = clock_timestamp(), clean = true, move = false, aside = $4,
      avoid = case when $5::boolean then $1::uuid end
    where login = $2 and owner = $1 and epoch = $3
    returning login
  )
  select login, ${WAKE} from released`;

export const READMIT = `
  with readmitted as (update lp_fleet.logins set aside = null where login = $1 and aside is not null returning login)
  select ${WAKE} from readmitted`;

// A conversation that ended while nobody had the login leaves its rows behind. None is open for so long without a word: the
// platform closes it after ninety days at most.
const TOO_OLD = `at < clock_timestamp() - interval '120 days'`;

export const LOAD = `
  with old as (delete from lp_fleet.cursors where login = $1 and ${TOO_OLD})
  select dialog, seq, revision, state::text as state
  from lp_fleet.cursors where login = $1 and not ${TOO_OLD}`;

// The lock on the logins' rows makes a claim that comes in between wait, or this statement see it: what a claim's owner
// reads is never overwritten by whoever held the login before.
export const COMMIT = `
  with given as (
    select * from unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::json[])
      with ordinality as g (login, epoch, dialog, seq, revision, state, n)
  ), held as materialized (
    select l.login, l.epoch from lp_fleet.logins l
    where l.owner = $1 and l.login = any($2::text[])
    order by l.login for share
  ), fit as (
    select g.* from given g join held h on h.login = g.login and h.epoch = g.epoch
  ), forgotten as (
    delete from lp_fleet.cursors c using fit f
    where f.revision is null and c.login = f.login and c.dialog = f.dialog
  ), kept as (
    insert into lp_fleet.cursors as c (login, dialog, seq, revision, epoch, state)
    select login, dialog, seq, revision, epoch, state from fit where revision is not null
    on conflict (login, dialog) do update
    set seq = excluded.seq, revision = excluded.revision, epoch = excluded.epoch, state = excluded.state, at = clock_timestamp()
    where c.revision < excluded.revision or (c.revision = excluded.revision and c.epoch = excluded.epoch)
    returning login, dialog
  )
  select f.n from fit f left join kept k on k.login = f.login and k.dialog = f.dialog
  where f.revision is null or k.login is not null`;

const BOUND = `least(interval '1 minute', greatest(interval '0', `;

export const TURN = `
  insert into lp_fleet.limits as l (key, next_at) values ($1, clock_timestamp() + $2 * interval '1 ms')
  on conflict (key) do update set next_at =
    clock_timestamp() + $2 * interval '1 ms' + greatest(
      ${BOUND} case when isfinite(l.next_at) then l.next_at - clock_timestamp() end)),
      ${BOUND} case when isfinite(l.held_until) then l.held_until - clock_timestamp() end)))
  returning extract(epoch from next_at - clock_timestamp()) * 1000 - $2 as wait`;

export const HOLD = `
  insert into lp_fleet.limits as l (key, held_until) values ($1, clock_timestamp() + ${BOUND} $2 * interval '1 ms')))
  on conflict (key) do update set held_until = greatest(l.held_until, excluded.held_until)
  returning extract(epoch from held_until - clock_timestamp()) * 1000 as wait`;

export const HELD = `
  select extract(epoch from held_until - clock_timestamp()) * 1000 as wait
  from lp_fleet.limits where key = $1 and isfinite(held_until)`;

export const DRAIN = `
  with asked as (update lp_fleet.workers set draining = true where name = $1 or incarnation::text = $1 returning name)
  select name, ${WAKE} from asked`;

export const MOVE = `
  with asked as (
    update lp_fleet.logins set move = owner is not null, aside = null where login = $1 returning login
  )
  select login, ${WAKE} from asked`;

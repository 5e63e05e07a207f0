import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FaultView } from '../../simulator/src/web/page-api.ts';
import { act, notify } from './connection.ts';

type Values = Readonly<Record<string, string | number>>;

/** A button for each fault that strikes once, a switch for each that stays. */
export function FaultPanel({ faults }: { readonly faults: readonly FaultView[] }): JSX.Element {
  const inForce = faults.filter((fault) => fault.on);
  return (
    <div class="faults">
      <p class="hint">
        What goes wrong between the agents and the platform. Consumers are spared, unless the whole platform is down.
      </p>
      <h3>Strike now</h3>
      {faults.map((fault) => !fault.lasting && <Fault key={fault.id} fault={fault} />)}
      <h3>
        Until switched off
        {inForce.length > 0 && (
          <button
            type="button"
            class="small"
            onClick={() => inForce.forEach(({ id }) => void act('fault', { id, on: false, values: {} }))}
          >
            All off
          </button>
        )}
      </h3>
      {faults.map((fault) => fault.lasting && <Fault key={fault.id} fault={fault} />)}
    </div>
  );
}

function Fault({ fault }: { readonly fault: FaultView }): JSX.Element {
  const { id, title, hint, lasting, on, fields } = fault;
  const [values, setValues] = useState<Values>({});
  const press = async (wanted: boolean, chosen: Values) => {
    const done = await act('fault', { id, on: wanted, values: chosen });
    if (done && !lasting) notify(`${title}: done`);
  };
  return (
    <div class={`fault ${on ? 'on' : ''}`}>
      <div class="fault-text">
        <h4 id={`fault-${id}`}>{title}</h4>
        <p id={`hint-${id}`}>{hint}</p>
        {fields.length > 0 && (
          <div class="fault-fields">
            {fields.map(({ name, label, choices }) => (
              <label>
                {label}
                <select
                  aria-label={`${title}: ${label}`}
                  onChange={({ currentTarget }) => {
                    const next = { ...values, [name]: choices[currentTarget.selectedIndex] ?? '' };
                    setValues(next);
                    // What is in force changes at once.
                    if (on) void press(true, next);
                  }}
                >
                  {choices.map((choice) => (
                    <option selected={choice === (values[name] ?? choices[0])}>{shown(name, choice)}</option>
                  ))}
                </select>
              </label>
            ))}
          </div>
        )}
      </div>
      {lasting ? (
        <button
          type="button"
          role="switch"
          class="switch"
          aria-checked={on}
          aria-labelledby={`fault-${id}`}
          aria-describedby={`hint-${id}`}
          onClick={() => void press(!on, values)}
        >
          <span />
        </button>
      ) : (
        <button
          type="button"
          class="danger"
          aria-label={title}
          aria-describedby={`hint-${id}`}
          onClick={() => void press(true, values)}
        >
          Strike
        </button>
      )}
    </div>
  );
}

function shown(name: string, choice: string | number): string {
  if (name === 'ms') return Number(choice) < 1_000 ? `${choice} ms` : `${Number(choice) / 1_000} s`;
  return name === 'share' ? `${Number(choice) * 100} %` : String(choice);
}

// The cables: below each switch who is at the other end of what is plugged in, and how many packets have crossed. What has
// just moved says by how much, for a moment.

import { useEffect, useRef, useState } from "preact/hooks";
import type { NetworkLink, NetworkPlace } from "../../src/course/playground/messages.ts";
import type { Known } from "../connection.ts";
import { useWords } from "../settings.ts";

export function NetworkView({ known }: { known: Known }) {
  const words = useWords();
  const places = known.networks.toSorted((one, other) => Number(isHost(other)) - Number(isHost(one)));
  const bridgesOf = ({ links }: NetworkPlace) => links.filter(({ kind }) => kind === "bridge");
  const alone = places.filter((place) => !place.links.some(({ kind }) => kind !== "loopback"));
  if (!places.some((place) => bridgesOf(place).length > 0)) return <p class="empty">{words.noCables}</p>;
  return (
    <div class="networks">
      {places.map((place) => (
        <section key={place.id} aria-label={nameOf(place, words.host)}>
          {bridgesOf(place).map((bridge) => (
            <Switch key={bridge.name} place={place} bridge={bridge} places={places} />
          ))}
          <Outside place={place} />
        </section>
      ))}
      {alone.length > 0 && (
        <p class="faint">
          {words.noCable}: {alone.map((place) => nameOf(place, words.host)).join(", ")}
        </p>
      )}
    </div>
  );
}

const isHost = ({ names }: NetworkPlace) => names.includes("host");

/** Who shares the host's network is the host, as far as packets go. */
function nameOf(place: NetworkPlace, host: string): string {
  return isHost(place) ? host : place.names.join(", ");
}

interface SwitchProps {
  place: NetworkPlace;
  bridge: NetworkLink;
  places: NetworkPlace[];
}

function Switch({ place, bridge, places }: SwitchProps) {
  const words = useWords();
  const plugged = place.links.filter((link) => link.bridge === bridge.name);
  const host = nameOf(place, words.host);
  return (
    <table class="list cables">
      <caption>
        <span class="switch">{bridge.about?.network ?? bridge.name}</span> <Addresses of={bridge} />
        <small>
          {host}
          {bridge.about && (
            <>
              {" · "}
              <code>{bridge.name}</code>
              {" · "}
              {bridge.about.internal ? words.noWayOut : words.wayOut}
            </>
          )}
        </small>
      </caption>
      {plugged.length > 0 && (
        <thead>
          <tr>
            <th scope="col">{words.who}</th>
            <th scope="col">{words.cable}</th>
            <th scope="col" class="count" title={words.packetsHint}>
              {words.packetsIn}
            </th>
            <th scope="col" class="count" title={words.packetsHint}>
              {words.packetsOut}
            </th>
          </tr>
        </thead>
      )}
      <tbody>
        {plugged.length === 0 && (
          <tr>
            <td class="faint" colSpan={4}>
              {words.nobodyPlugged}
            </td>
          </tr>
        )}
        {plugged.map((end) => (
          <CableRow key={end.name} end={end} places={places} />
        ))}
      </tbody>
    </table>
  );
}

function CableRow({ end, places }: { end: NetworkLink; places: NetworkPlace[] }) {
  const words = useWords();
  const place = places.find(({ id }) => id === end.other?.network);
  const inside = place?.links.find(({ name }) => name === end.other?.link);
  // What goes into the cable here comes out of it there.
  const [received, sent] = [end.sent, end.received];
  const [came, went] = [useMoved(received), useMoved(sent)];
  return (
    <tr>
      <th scope="row">
        {place ? (
          <span class="container">{nameOf(place, words.host)}</span>
        ) : (
          <span class="faint">{words.otherEndUnknown}</span>
        )}
        {inside && <Addresses of={inside} />}
      </th>
      <td>
        <code>{end.name}</code>
        <span class="wire" data-moving={came + went > 0} aria-hidden="true">
          ══
        </span>
        {inside && <code>{inside.name}</code>}
        {end.ports && (
          <small>
            {words.portsTo} {end.ports.join(", ")}
          </small>
        )}
      </td>
      <Count now={received} by={came} />
      <Count now={sent} by={went} />
    </tr>
  );
}

/** The host's own links, which lead out. */
function Outside({ place }: { place: NetworkPlace }) {
  const words = useWords();
  const cards = place.links.filter(({ kind, addresses }) => kind === "card" && addresses.length > 0);
  if (!isHost(place) || cards.length === 0) return null;
  return (
    <table class="list cables">
      <caption>
        <small>{words.outsideLinks}</small>
      </caption>
      <tbody>
        {cards.map((link) => (
          <Card key={link.name} link={link} />
        ))}
      </tbody>
    </table>
  );
}

function Card({ link }: { link: NetworkLink }) {
  return (
    <tr>
      <th scope="row">
        <code>{link.name}</code>
      </th>
      <td>
        <Addresses of={link} />
      </td>
      <Count now={link.received} by={useMoved(link.received)} />
      <Count now={link.sent} by={useMoved(link.sent)} />
    </tr>
  );
}

function Addresses({ of: { addresses } }: { of: NetworkLink }) {
  return (
    <span class="addresses">
      {addresses.map((address) => (
        <code key={address}>{address}</code>
      ))}
    </span>
  );
}

function Count({ now, by }: { now: number; by: number }) {
  return (
    <td class="count">
      {now}
      <span class="moved">{by > 0 ? ` +${by}` : ""}</span>
    </td>
  );
}

const MOVED_MS = 2_000;

/** By how much a number has grown, until it stands still for a moment. */
function useMoved(now: number): number {
  const before = useRef(now);
  const [by, setBy] = useState(0);
  useEffect(() => {
    const grown = now - before.current;
    before.current = now;
    if (grown > 0) setBy((sum) => sum + grown);
    const timer = setTimeout(() => setBy(0), MOVED_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return by;
}

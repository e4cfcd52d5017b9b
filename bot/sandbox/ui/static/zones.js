// Date-time fields speak wall-clock time in the person's zone; Slack speaks Unix seconds.

function wall(seconds, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  }).formatToParts(new Date(seconds * 1000));
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/** Fills fields whose value the server knows only as an instant. */
export function hydrateMoments(root) {
  for (const field of root.querySelectorAll("input[data-seconds]:not([data-done])")) {
    field.value = wall(Number(field.dataset.seconds), field.dataset.zone);
    field.dataset.done = "yes";
  }
}

/** The instant whose wall clock reads `local`; twice corrected, which settles every change of summer time. */
export function secondsFromLocal(local, zone) {
  const asUtc = (text) => Date.parse(`${text}:00Z`) / 1000;
  let seconds = asUtc(local);
  for (let step = 0; step < 2; step += 1) seconds += asUtc(local) - asUtc(wall(seconds, zone));
  return seconds;
}

// A container's events carry what people filter by: its name, its image and its labels.

import type { Container } from "./container.ts";
import { recordEvent } from "./events.ts";

export function containerEvent(container: Container, action: string, more: Record<string, string> = {}): void {
  const { id, name, image, options } = container.record;
  const attributes = { ...options.labels, image: image.reference, name, ...more };
  recordEvent(container.roots, { type: "container", action, id, attributes });
}

// `doctor`: what this machine can do, and for each thing it can't, why, and how to mend it.

import type { Roots } from "../folders.ts";
import { cgroupFindings } from "./cgroups.ts";
import { fileFindings } from "./files.ts";
import type { Finding } from "./finding.ts";
import { kernelFindings } from "./kernel.ts";
import { namespaceFindings } from "./namespaces.ts";
import { networkFindings } from "./network.ts";
import { programFindings } from "./programs.ts";
import { trialFinding } from "./trial.ts";

/** In the order in which a container needs them; last of all one is run. What can't even be looked at is a finding, too. */
export async function examine(roots: Roots): Promise<Finding[]> {
  const programs = programFindings();
  // Without these nothing else can be asked.
  if (programs.some(({ status }) => status === "broken")) return programs;
  const findings = [
    ...programs,
    ...kernelFindings(),
    ...namespaceFindings(),
    ...cgroupFindings(),
    ...fileFindings(roots),
    ...networkFindings(),
  ];
  return [...findings, await trialFinding(roots)];
}

/** Whether `run` works: that is what was tried. */
export function isWell(findings: Finding[]): boolean {
  return findings.every(({ status }) => status !== "broken");
}

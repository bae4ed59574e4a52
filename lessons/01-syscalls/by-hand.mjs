// One system call, made by hand. The C library has a function that
// makes any: first the call's number, then up to six words.

import koffi from "koffi";

const SIX = "long a, long b, long c, long d, long e, long f";
const syscall = koffi.load(null).func(`long syscall(long number, ${SIX})`);

const getpid = { x64: 39, arm64: 172 }[process.arch];
console.log(`call ${getpid} answers ${syscall(getpid, 0, 0, 0, 0, 0, 0)}`);
console.log(`Node says ${process.pid}`);

// Makes system calls by number and prints what the kernel answered, errors as negative numbers, one line a call.
// An argument is `NUMBER`, followed by as many `:ARGUMENT`s as there are; the others are zero.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		char *rest;
		long number = strtol(argv[i], &rest, 0), args[6] = {0};
		for (int n = 0; n < 6 && *rest == ':'; n++)
			args[n] = strtol(rest + 1, &rest, 0);
		long result = syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
		printf("%ld\n", result < 0 ? (long)-errno : result);
		fflush(stdout);
	}
	return 0;
}

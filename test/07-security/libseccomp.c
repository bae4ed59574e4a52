// A filter made by libseccomp, for ours to be compared with. In: lines of words; out: the program.
//   d ACTION | a ARCHITECTURE | r ACTION NAME [INDEX OP VALUE VALUE2]...
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned long long next(void) { return strtoull(strtok(NULL, " \n"), NULL, 10); }

static void add_rule(scmp_filter_ctx filter) {
	struct scmp_arg_cmp args[6];
	unsigned action = next(), count = 0;
	int number = seccomp_syscall_resolve_name(strtok(NULL, " \n"));
	for (char *index; (index = strtok(NULL, " \n")); count++) {
		args[count].arg = atoi(index);
		args[count].op = next();
		args[count].datum_a = next();
		args[count].datum_b = next();
	}
	if (number != __NR_SCMP_ERROR) seccomp_rule_add_array(filter, action, number, count, args);
}

int main(void) {
	scmp_filter_ctx filter = NULL;
	char line[4096];
	while (fgets(line, sizeof line, stdin)) {
		char *kind = strtok(line, " \n");
		if (*kind == 'd') filter = seccomp_init(next());
		if (*kind == 'a') seccomp_arch_add(filter, next());
		if (*kind == 'r') add_rule(filter);
	}
	return seccomp_export_bpf(filter, 1) ? 1 : 0;
}

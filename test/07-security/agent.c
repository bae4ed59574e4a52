// A seccomp agent: listens at argv[1], prints what it is told and how it answers a single call, with the error argv[2].
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (argc == 3) strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(server, (void *)&address, sizeof address) || listen(server, 1)) return 1;
	int line = accept(server, 0, 0);
	char text[4096], control[64], more;
	struct iovec part = {text, sizeof text};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(line, &message, 0);
	int filter = *(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(&message));
	printf("%.*s\n%zd\n", (int)length, text, read(line, &more, 1));
	struct seccomp_notif asked = {0};
	if (ioctl(filter, SECCOMP_IOCTL_NOTIF_RECV, &asked)) return 2;
	struct seccomp_notif_resp answer = {.id = asked.id, .error = -atoi(argv[2])};
	printf("%d\n", ioctl(filter, SECCOMP_IOCTL_NOTIF_SEND, &answer));
	return 0;
}

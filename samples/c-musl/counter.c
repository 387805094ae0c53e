/* Answers every request with the size of a file, or asks another one that does so whether it is well. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "words.h"

static struct sockaddr_in address(in_addr_t host, int port)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port)};

	where.sin_addr.s_addr = htonl(host);
	return where;
}

static int check(int port)
{
	struct sockaddr_in where = address(INADDR_LOOPBACK, port);
	int peer = socket(AF_INET, SOCK_STREAM, 0);
	char answer[16] = "";

	if (peer < 0 || connect(peer, (struct sockaddr *)&where, sizeof where) < 0)
		return 1;
	dprintf(peer, "GET / HTTP/1.0\r\n\r\n");
	if (read(peer, answer, sizeof answer - 1) < 0)
		return 1;
	return strstr(answer, " 200") == NULL;
}

static void answer(int peer, const char *path)
{
	char request[2048], body[128];
	struct words size;

	if (read(peer, request, sizeof request) <= 0)
		return;
	if (words_count(path, &size) < 0) {
		dprintf(peer, "HTTP/1.0 500 No file\r\nConnection: close\r\n\r\n");
		return;
	}
	snprintf(body, sizeof body, "%ld lines, %ld words, %ld bytes\n", size.lines, size.words, size.bytes);
	dprintf(peer, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

static void stop(int signal)
{
	(void)signal;
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: %s PORT FILE | --check PORT\n", argv[0]);
		return 2;
	}
	if (strcmp(argv[1], "--check") == 0)
		return check(atoi(argv[2]));
	signal(SIGTERM, stop);
	signal(SIGPIPE, SIG_IGN);

	struct sockaddr_in where = address(INADDR_ANY, atoi(argv[1]));
	int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listener, (struct sockaddr *)&where, sizeof where) < 0 || listen(listener, 16) < 0) {
		perror("counter");
		return 1;
	}
	for (;;) {
		int peer = accept(listener, NULL, NULL);

		if (peer < 0)
			continue;
		answer(peer, argv[2]);
		close(peer);
	}
}

/* worker_loop WIDTH PROGRAM ARG...: one line of standard input to one of WIDTH children at a
 * time, one write and one read for each, and the answers to standard output. Nothing else that
 * a job runner does, in one thread. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct child {
    int in, out;
};

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static void start(struct child *child, char **argv) {
    int in[2], out[2];
    if (pipe(in) < 0 || pipe(out) < 0)
        fail("pipe");
    switch (fork()) {
    case -1:
        fail("fork");
    case 0:
        dup2(in[0], 0);
        dup2(out[1], 1);
        for (int fd = 3; fd < 1024; fd++)
            close(fd);
        execv(argv[0], argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    child->in = in[1];
    child->out = out[0];
}

/* Sends the next line, if there is one. */
static int send_line(int fd) {
    static char *line;
    static size_t size;
    ssize_t length = getline(&line, &size, stdin);
    if (length < 0)
        return 0;
    if (write(fd, line, length) != length)
        fail("write");
    return 1;
}

int main(int argc, char **argv) {
    static char text[1 << 16];
    int width = argc > 2 ? atoi(argv[1]) : 0;
    if (width < 1)
        return 2;
    struct child *children = calloc(width, sizeof *children);
    struct pollfd *fds = calloc(width, sizeof *fds);
    int waiting = 0;
    for (int i = 0; i < width; i++) {
        start(&children[i], argv + 2);
        fds[i].events = POLLIN;
        fds[i].fd = send_line(children[i].in) ? waiting++, children[i].out : -1;
    }
    while (waiting > 0) {
        if (poll(fds, width, -1) < 0)
            fail("poll");
        for (int i = 0; i < width; i++) {
            if (fds[i].fd < 0 || !fds[i].revents)
                continue;
            ssize_t length = read(children[i].out, text, sizeof text);
            if (length <= 0)
                fail("read");
            fwrite(text, 1, length, stdout);
            if (!send_line(children[i].in)) {
                fds[i].fd = -1;
                waiting--;
            }
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

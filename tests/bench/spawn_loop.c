/* spawn_loop WIDTH JOBS PROGRAM ARG...: the least that running that many processes,
 * so many at a time, costs with posix_spawn. It captures nothing. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv) {
    if (argc < 4)
        return 2;
    long width = atol(argv[1]), jobs = atol(argv[2]), running = 0, failed = 0;
    for (long started = 0; started < jobs || running > 0;) {
        if (started < jobs && running < width) {
            pid_t pid;
            if (posix_spawn(&pid, argv[3], NULL, NULL, argv + 3, environ) != 0) {
                perror(argv[3]);
                return 2;
            }
            started++;
            running++;
        } else {
            int status;
            if (waitpid(-1, &status, 0) < 0) {
                perror("waitpid");
                return 2;
            }
            failed += status != 0;
            running--;
        }
    }
    return failed != 0;
}

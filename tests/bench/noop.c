/* The cheapest job there is. With -DMARK it leaves a line, so that jobs can be counted. */
#include <unistd.h>

int main(void) {
#ifdef MARK
    if (write(1, ".\n", 2) != 2)
        _exit(1);
#endif
    _exit(0);
}

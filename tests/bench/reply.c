/* A worker as fast as it can be: answers each piece that it reads with the same bytes. */
#include <unistd.h>

int main(void) {
    char text[1 << 16];
    ssize_t length;
    while ((length = read(0, text, sizeof text)) > 0)
        if (write(1, text, length) != length)
            _exit(1);
    _exit(0);
}

/* One call of each kind the shim covers and the Rust standard library or SQLite need not make. In argv[1]. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DO(call)                                                                                               \
    do {                                                                                                       \
        if ((call) < 0) {                                                                                      \
            perror(#call);                                                                                     \
            return 1;                                                                                          \
        }                                                                                                      \
    } while (0)

int main(int argc, char **argv)
{
    struct iovec two[2] = {{"vector ", 7}, {"write", 5}};
    off_t from = 3, to = 20000;
    int ends[2];
    if (argc != 2)
        return 2;
    DO(chdir(argv[1]));
    int dir = open(".", O_RDONLY | O_DIRECTORY), fd = openat(dir, "calls-a", O_RDWR | O_CREAT, 0640);
    int copy = creat("calls-b", 0600), append = open("calls-c", O_CREAT | O_WRONLY | O_APPEND, 0600);
    DO(dir | fd | copy | append);

    DO(write(fd, "begin", 5));
    DO(writev(fd, two, 2));
    DO(pwritev(fd, two, 2, 9000));
    DO(pwritev2(fd, two, 2, 700, 0));
    DO(fallocate(fd, 0, 10000, 5000));
    DO(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 9003, 4));
    DO(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 50000));
    DO(-posix_fallocate(fd, 15000, 100));
    DO(pwrite(append, "appended", 8, 0));
    DO(pwrite(append, "whatever the offset", 19, 0));

    DO(copy_file_range(fd, &from, copy, &to, 9000, 0));
    DO(lseek(fd, 0, SEEK_SET));
    DO(copy_file_range(fd, NULL, copy, NULL, 100, 0));
    DO(sendfile(copy, fd, &from, 3000));
    DO(pipe(ends));
    DO(write(ends[1], "through a pipe", 14));
    DO(splice(ends[0], NULL, copy, &to, 14, 0));
    DO(ftruncate(copy, 20005));
    DO(truncate("calls-a", 14000));
    DO(sync_file_range(copy, 0, 0, SYNC_FILE_RANGE_WRITE));

    DO(mkdirat(dir, "calls-d/", 0750));
    DO(linkat(dir, "calls-a", dir, "calls-d/linked", 0));
    DO(renameat(dir, "calls-b", dir, "calls-d/moved"));
    DO(renameat2(dir, "calls-c", dir, "calls-e", RENAME_NOREPLACE));
    DO(unlinkat(dir, "calls-a", 0));
    DO(mkdir("calls-f", 0700));
    DO(unlinkat(dir, "calls-f", AT_REMOVEDIR));
    DO(fchmod(append, 0444));
    DO(chmod("calls-d", 0500));
    DO(fchmodat(dir, "calls-d/moved", 0640, 0));
    DO(close(open("calls-e", O_WRONLY | O_TRUNC)));
    DO(fdatasync(copy));
    DO(fsync(dir));
    return 0;
}

/*
 * What a process asked of its disk, in order: an LD_PRELOAD library for the power-cut tests.
 *
 *     cc -shared -fPIC -O2 -o shim.so shim.c -pthread
 *
 * Controls, read once when the library is loaded:
 *
 *   STRONGROOM_CUT_ROOTS    directories to watch, absolute and canonical, separated by colons
 *   STRONGROOM_CUT_TRACE    the trace: records are appended; several processes may share one; /dev/null when
 *                           only the rules are wanted
 *   STRONGROOM_CUT_ACK      a write to this path is an acknowledgement: an ACK record in the same trace
 *   STRONGROOM_CUT_CONTROL  a write to this path replaces the rules of the writing process
 *   STRONGROOM_CUT_RULES    the rules to begin with
 *
 * Rules are separated by semicolons or line feeds; the empty text is none. Words are separated by blanks, a
 * pattern is an fnmatch(3) pattern for the whole path ('*' crosses slashes), NTH counts matches from 1, and
 * `on` makes the fault last from then on.
 *
 *   fail write|sync|name|open PATTERN NTH EIO|ENOSPC|EROFS|EDQUOT|EACCES [on]
 *                           that operation is not done and fails; `write` covers every change of content or
 *                           size, `name` every creation, link, rename, removal, `open` every opening of an
 *                           existing file for writing
 *   short PATTERN NTH [on]  that write takes only the first half of its bytes
 *   budget BYTES            the watched files may grow by so much in sum; what shrinks is given back
 *   delay MS                every flush takes so much longer, with no lock held
 *
 * Order. A change is made and recorded under one lock (a mutex in the process, flock on the trace between
 * processes), so that the trace has the order in which the kernel saw changes. A flush is two records: what
 * was recorded before its beginning is what it covers, from its end on. The lock is not held in between, so
 * flushes overlap as they do without this library.
 *
 * Which file. Nothing is remembered between calls: a descriptor's path is what /proc/self/fd says and a
 * file's identity is its device and inode, read under the lock. Names are a directory's identity and one
 * component.
 *
 * What is not seen: raw system calls (rustix with its default backend, io_uring), stdio, mappings, symbolic
 * links, O_TMPFILE, extended attributes, a fork without exec. The Rust standard library and SQLite use the
 * symbols below. The reader compares the replayed trace with the real directory, so that an unseen change
 * fails the test instead of passing it. An unseen flush (raw fsync, sync, syncfs, msync, O_SYNC, RWF_DSYNC)
 * makes the rebuilt disk poorer than the true one, never richer. Files named *-shm are ignored: SQLite maps
 * them and rebuilds them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#if __SIZEOF_LONG__ != 8
#error "written for 64-bit Linux: off_t and off64_t are taken for the same type"
#endif

#include "watch.h"
/* Uses what is above. */
#include "rules.h"

/* ---- content ------------------------------------------------------------------------------------------ */

static size_t total(const struct iovec *iov, int count)
{
    size_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += iov[i].iov_len;
    return sum;
}

/* Refreshes size and identity under the lock and says where a write without an offset begins. */
static uint64_t start_of(int fd, struct target *t, off_t offset)
{
    fstat(fd, &t->st);
    if (fcntl(fd, F_GETFL) & O_APPEND)
        return t->st.st_size;
    return offset >= 0 ? offset : lseek(fd, 0, SEEK_CUR);
}

/* Reduces `len` as rules and budget want it; 0 means refused, with errno set. */
static size_t allowed(const struct target *t, uint64_t start, size_t len)
{
    int answer = verdict(ON_WRITE, t->path);
    if (answer > 0) {
        errno = answer;
        return 0;
    }
    if (answer == HALF && len > 1)
        len /= 2;
    len = affordable(start, len, t->st.st_size);
    if (len == 0)
        errno = ENOSPC;
    return len;
}

static void wrote(const struct target *t, uint64_t start, const void *data, size_t len)
{
    if (len > UINT32_MAX)
        die("a single write of 4 GiB or more");
    grown(start + len, t->st.st_size);
    record((struct header){.kind = WRITE, .file = ID(t->st), .number = start, .data_len = len}, NULL, NULL, data);
}

static ssize_t write_one(int fd, const void *data, size_t len, off_t offset)
{
    return offset >= 0 ? syscall(SYS_pwrite64, fd, data, len, offset) : syscall(SYS_write, fd, data, len);
}

/* Every write comes here; `offset` is -1 for the file's own position. */
static ssize_t any_write(int fd, const struct iovec *iov, int count, off_t offset)
{
    struct target t;
    size_t len = total(iov, count);
    int known = look(fd, &t) && S_ISREG(t.st.st_mode) && len > 0;
    int is_ack = known && strcmp(t.path, ack_path) == 0;
    int is_control = known && strcmp(t.path, control_path) == 0;
    if (!is_ack && !is_control && !(known && watched(t.path)))
        return offset >= 0 ? syscall(SYS_pwritev, fd, iov, count, offset, 0L) : syscall(SYS_writev, fd, iov, count);

    char *joined = NULL, *data = iov[0].iov_base;
    if (count > 1) {
        joined = data = malloc(len);
        if (!joined)
            die("out of memory");
        for (size_t i = 0, at = 0; i < (size_t)count; at += iov[i++].iov_len)
            memcpy(joined + at, iov[i].iov_base, iov[i].iov_len);
    }
    ssize_t done = -1;
    enter();
    if (is_control) {
        read_rules(data, len);
        done = len;
    } else if (is_ack) {
        done = write_one(fd, data, len, offset);
        if (done > 0)
            record((struct header){.kind = ACK, .data_len = done}, NULL, NULL, data);
    } else {
        uint64_t start = start_of(fd, &t, offset);
        size_t part = allowed(&t, start, len);
        if (part)
            done = write_one(fd, data, part, offset);
        if (done > 0)
            wrote(&t, start, data, done);
    }
    leave();
    free(joined);
    return done;
}

ssize_t write(int fd, const void *data, size_t len)
{
    struct iovec one = {(void *)data, len};
    return ready ? any_write(fd, &one, 1, -1) : syscall(SYS_write, fd, data, len);
}

ssize_t writev(int fd, const struct iovec *iov, int count) { return any_write(fd, iov, count, -1); }

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    struct iovec one = {(void *)data, len};
    if (!ready || offset < 0)
        return syscall(SYS_pwrite64, fd, data, len, offset);
    return any_write(fd, &one, 1, offset);
}

ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t offset)
{
    if (!ready || offset < 0)
        return syscall(SYS_pwritev, fd, iov, count, offset, 0L);
    return any_write(fd, iov, count, offset);
}

ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
    struct target t;
    if (!see(fd, &t))
        return syscall(SYS_pwritev2, fd, iov, count, offset, 0L, flags);
    return any_write(fd, iov, count, offset); /* the flags are hints, or promise what a flush promises */
}

/* Copies inside the kernel: made first, then read back, for the data never passed through the process. */
static void copied(int fd, const struct target *t, uint64_t start, ssize_t done)
{
    char name[48];
    int kept = errno;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int again = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC);
    char *data = malloc(done);
    if (again < 0 || !data)
        die("cannot read a copy back");
    for (ssize_t at = 0, n; at < done; at += n)
        if ((n = pread(again, data + at, done - at, start + at)) <= 0)
            die("cannot read a copy back");
    close(again);
    wrote(t, start, data, done);
    free(data);
    errno = kept;
}

/* CALL may use `part`, the length that rules and budget leave. */
#define COPY(fd, offset, len, CALL)                                                                            \
    do {                                                                                                       \
        struct target t;                                                                                       \
        if (!see(fd, &t)) {                                                                                    \
            size_t part = (len);                                                                               \
            return CALL;                                                                                       \
        }                                                                                                      \
        ssize_t done = -1;                                                                                     \
        enter();                                                                                               \
        uint64_t start = start_of(fd, &t, (offset) ? *(offset) : -1);                                          \
        size_t part = allowed(&t, start, len);                                                                 \
        if (part)                                                                                              \
            done = CALL;                                                                                       \
        if (done > 0)                                                                                          \
            copied(fd, &t, start, done);                                                                       \
        leave();                                                                                               \
        return done;                                                                                           \
    } while (0)

ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t len, unsigned flags)
{
    COPY(out, to, len, syscall(SYS_copy_file_range, in, from, out, to, part, flags));
}

ssize_t splice(int in, off_t *from, int out, off_t *to, size_t len, unsigned flags)
{
    COPY(out, to, len, syscall(SYS_splice, in, from, out, to, part, flags));
}

ssize_t sendfile(int out, int in, off_t *from, size_t len)
{
    off_t *to = NULL;
    COPY(out, to, len, syscall(SYS_sendfile, out, in, from, part));
}

/* ---- size --------------------------------------------------------------------------------------------- */

/* May a file of this size get its end there? Sets errno. */
static int size_refused(const struct target *t, uint64_t end)
{
    int answer = verdict(ON_WRITE, t->path);
    if (answer > 0)
        errno = answer;
    else if (budget >= 0 && end > (uint64_t)t->st.st_size + (uint64_t)budget)
        errno = answer = ENOSPC;
    return answer > 0;
}

int ftruncate(int fd, off_t size)
{
    struct target t;
    int done = -1;
    if (!see(fd, &t) || size < 0)
        return syscall(SYS_ftruncate, fd, size);
    enter();
    fstat(fd, &t.st);
    if (!size_refused(&t, size))
        done = syscall(SYS_ftruncate, fd, size);
    if (done == 0) {
        account(size - t.st.st_size);
        record((struct header){.kind = TRUNCATE, .file = ID(t.st), .size = size}, NULL, NULL, NULL);
    }
    leave();
    return done;
}

int truncate(const char *path, off_t size)
{
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int done = ftruncate(fd, size), kept = errno;
    close(fd);
    errno = kept;
    return done;
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
    struct target t;
    int done = -1;
    if (!see(fd, &t) || offset < 0 || len <= 0)
        return syscall(SYS_fallocate, fd, mode, offset, len);
    enter();
    fstat(fd, &t.st);
    int grows = !(mode & FALLOC_FL_KEEP_SIZE);
    if (!size_refused(&t, grows ? offset + len : 0))
        done = syscall(SYS_fallocate, fd, mode, offset, len);
    if (done == 0) {
        struct header h = {.kind = ALLOCATE, .file = ID(t.st), .number = offset, .size = len, .dir = {mode}};
        if (grows)
            grown(offset + len, t.st.st_size);
        record(h, NULL, NULL, NULL);
    }
    leave();
    return done;
}

int posix_fallocate(int fd, off_t offset, off_t len)
{
    int kept = errno, answer = fallocate(fd, 0, offset, len) == 0 ? 0 : errno;
    errno = kept;
    return answer;
}

/* ---- names -------------------------------------------------------------------------------------------- */

static int any_open(int at, const char *path, int flags, mode_t mode)
{
    struct place p;
    struct stat before, after;
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    if (!(writes || flags & (O_CREAT | O_TRUNC)) || !locate(at, path, &p))
        return syscall(SYS_openat, at, path, flags, mode);
    int fd = -1, kept = errno;
    enter();
    int existed = fstatat(at, path, &before, 0) == 0;
    int refused = existed && writes ? verdict(ON_OPEN, p.path) : 0;
    errno = refused ? refused : kept;
    if (!refused && (existed || !(flags & O_CREAT) || !name_refused(p.path, 1)))
        fd = syscall(SYS_openat, at, path, flags, mode);
    if (fd >= 0 && fstat(fd, &after) == 0 && S_ISREG(after.st_mode)) {
        struct header h = {.file = ID(after), .dir = {p.dir[0], p.dir[1]}, .number = after.st_mode & 07777};
        if (!existed) {
            h.kind = CREATE;
            record(h, p.name, NULL, NULL);
        } else if ((flags & O_TRUNC) && before.st_size > 0) {
            h.kind = TRUNCATE;
            account(-(int64_t)before.st_size);
            record(h, NULL, NULL, NULL);
        }
    }
    leave();
    return fd;
}

#define MODE_ARGUMENT(flags, mode)                                                                             \
    mode_t mode = 0;                                                                                           \
    if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) {                                             \
        va_list rest;                                                                                          \
        va_start(rest, flags);                                                                                 \
        mode = va_arg(rest, mode_t);                                                                           \
        va_end(rest);                                                                                          \
    }

int open(const char *path, int flags, ...)
{
    MODE_ARGUMENT(flags, mode)
    return any_open(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
    MODE_ARGUMENT(flags, mode)
    return any_open(at, path, flags, mode);
}

int creat(const char *path, mode_t mode) { return any_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

static int any_rename(int at, const char *old, int at2, const char *new, unsigned flags)
{
    struct place p, q;
    struct stat st, replaced;
    int inside = locate(at, old, &p), inside2 = locate(at2, new, &q), done = -1;
    if (!inside && !inside2)
        return syscall(SYS_renameat2, at, old, at2, new, flags);
    enter();
    int kept = errno;
    int found = fstatat(at, old, &st, AT_SYMLINK_NOFOLLOW) == 0;
    int replaces = fstatat(at2, new, &replaced, AT_SYMLINK_NOFOLLOW) == 0;
    errno = kept;
    if (!name_refused(inside2 ? q.path : p.path, 0))
        done = syscall(SYS_renameat2, at, old, at2, new, flags);
    if (done == 0 && found) {
        struct header h = {.kind = RENAME, .file = ID(st), .dir = {p.dir[0], p.dir[1]}, .dir2 = {q.dir[0], q.dir[1]}};
        if (!inside || !inside2 || flags & ~RENAME_NOREPLACE)
            uncovered("an exchange, or a rename across the watched border", old);
        else
            record(h, p.name, q.name, NULL);
        if (replaces)
            released(&replaced);
    }
    leave();
    return done;
}

int rename(const char *old, const char *new) { return any_rename(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int at, const char *old, int at2, const char *new) { return any_rename(at, old, at2, new, 0); }
int renameat2(int at, const char *old, int at2, const char *new, unsigned flags)
{
    return any_rename(at, old, at2, new, flags);
}

int linkat(int at, const char *old, int at2, const char *new, int flags)
{
    struct place q;
    struct stat st;
    int done = -1;
    if (!locate(at2, new, &q))
        return syscall(SYS_linkat, at, old, at2, new, flags);
    enter();
    if (!name_refused(q.path, 1))
        done = syscall(SYS_linkat, at, old, at2, new, flags);
    if (done == 0 && fstatat(at2, new, &st, AT_SYMLINK_NOFOLLOW) == 0)
        record((struct header){.kind = LINK, .file = ID(st), .dir2 = {q.dir[0], q.dir[1]}}, NULL, q.name, NULL);
    leave();
    return done;
}

int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int unlinkat(int at, const char *path, int flags)
{
    struct place p;
    struct stat st;
    int done = -1;
    if (!locate(at, path, &p))
        return syscall(SYS_unlinkat, at, path, flags);
    enter();
    int kept = errno;
    int found = fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
    errno = kept;
    if (!name_refused(p.path, 0))
        done = syscall(SYS_unlinkat, at, path, flags);
    if (done == 0 && found) {
        released(&st);
        record((struct header){.kind = REMOVE, .file = ID(st), .dir = {p.dir[0], p.dir[1]}}, p.name, NULL, NULL);
    }
    leave();
    return done;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int at, const char *path, mode_t mode)
{
    struct place p;
    struct stat st;
    int done = -1;
    if (!locate(at, path, &p))
        return syscall(SYS_mkdirat, at, path, mode);
    enter();
    if (!name_refused(p.path, 1))
        done = syscall(SYS_mkdirat, at, path, mode);
    if (done == 0 && fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        struct header h = {.kind = MKDIR, .file = ID(st), .dir = {p.dir[0], p.dir[1]}, .number = st.st_mode & 07777};
        record(h, p.name, NULL, NULL);
    }
    leave();
    return done;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* Modes are no question of power, but a key file that came back readable would be refused. */
static void mode_changed(int at, const char *path)
{
    struct stat st;
    if (fstatat(at, path, &st, AT_EMPTY_PATH) == 0)
        record((struct header){.kind = MODE, .file = ID(st), .number = st.st_mode & 07777}, NULL, NULL, NULL);
}

int fchmod(int fd, mode_t mode)
{
    struct target t;
    if (!see(fd, &t))
        return syscall(SYS_fchmod, fd, mode);
    enter();
    int done = syscall(SYS_fchmod, fd, mode);
    if (done == 0)
        mode_changed(fd, "");
    leave();
    return done;
}

int fchmodat(int at, const char *path, mode_t mode, int flags)
{
    struct place p;
    if (flags) {
        errno = ENOTSUP;
        return -1;
    }
    if (!locate(at, path, &p))
        return syscall(SYS_fchmodat, at, path, mode);
    enter();
    int done = syscall(SYS_fchmodat, at, path, mode);
    if (done == 0)
        mode_changed(at, path);
    leave();
    return done;
}

int chmod(const char *path, mode_t mode) { return fchmodat(AT_FDCWD, path, mode, 0); }

/* ---- flushes ------------------------------------------------------------------------------------------ */

static int any_sync(int fd, long call)
{
    static uint32_t counter;
    struct target t;
    if (!see(fd, &t))
        return syscall(call, fd);
    enter();
    uint64_t id = (uint64_t)getpid() << 32 | counter++;
    record((struct header){.kind = SYNC_BEGIN, .file = ID(t.st), .number = id}, t.path, NULL, NULL);
    int error = verdict(ON_SYNC, t.path);
    struct timespec pause = {delay_ms / 1000, delay_ms % 1000 * 1000000};
    leave();

    while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
        ;
    errno = error;
    int done = error ? -1 : syscall(call, fd);

    enter();
    record((struct header){.kind = SYNC_END, .number = id, .size = done == 0}, NULL, NULL, NULL);
    leave();
    return done;
}

int fsync(int fd) { return any_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return any_sync(fd, SYS_fdatasync); }

/* Neither the size nor the device's cache: on record, and worth nothing. */
int sync_file_range(int fd, off_t offset, off_t len, unsigned flags)
{
    struct target t;
    if (see(fd, &t)) {
        enter();
        record((struct header){.kind = HINT, .file = ID(t.st), .number = offset, .size = len}, t.path, NULL, NULL);
        leave();
    }
    return syscall(SYS_sync_file_range, fd, offset, len, flags);
}

/* ---- the same under their 64-bit names ---------------------------------------------------------------- */

#define ALSO(of) __attribute__((alias(#of)))
int open64(const char *, int, ...) ALSO(open);
int openat64(int, const char *, int, ...) ALSO(openat);
int creat64(const char *, mode_t) ALSO(creat);
ssize_t pwrite64(int, const void *, size_t, off64_t) ALSO(pwrite);
ssize_t pwritev64(int, const struct iovec *, int, off64_t) ALSO(pwritev);
ssize_t pwritev64v2(int, const struct iovec *, int, off64_t, int) ALSO(pwritev2);
int ftruncate64(int, off64_t) ALSO(ftruncate);
int truncate64(const char *, off64_t) ALSO(truncate);
int fallocate64(int, int, off64_t, off64_t) ALSO(fallocate);
int posix_fallocate64(int, off64_t, off64_t) ALSO(posix_fallocate);
ssize_t sendfile64(int, int, off64_t *, size_t) ALSO(sendfile);

/* ---- beginning ---------------------------------------------------------------------------------------- */

static void setting(const char *name, char *out, size_t room)
{
    const char *value = getenv(name);
    if (snprintf(out, room, "%s", value ? value : "") >= (int)room)
        die("a setting is too long");
}

__attribute__((constructor)) static void begin(void)
{
    char trace[PATH_MAX];
    const char *text = getenv("STRONGROOM_CUT_RULES");
    setting("STRONGROOM_CUT_ROOTS", roots, sizeof roots);
    setting("STRONGROOM_CUT_TRACE", trace, sizeof trace);
    setting("STRONGROOM_CUT_ACK", ack_path, sizeof ack_path);
    setting("STRONGROOM_CUT_CONTROL", control_path, sizeof control_path);
    if (!roots[0] || !trace[0])
        return;
    trace_fd = syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace_fd < 0)
        die("cannot open the trace");
    read_rules(text ? text : "", text ? strlen(text) : 0);
    enter();
    record((struct header){.kind = START, .number = getpid()}, NULL, NULL, NULL);
    leave();
    ready = 1;
}

/* The trace, and which files go into it. Part of shim.c. */

enum kind {
    START = 1, CREATE, WRITE, TRUNCATE, ALLOCATE, RENAME, LINK, REMOVE, MKDIR, MODE,
    SYNC_BEGIN, SYNC_END, HINT, ACK, UNCOVERED
};

/* One record: this header, then the two names, then the data. Host byte order: reader and writer are one
   machine. `number` is an offset, a mode or the id of a flush; `size` a length, a size or a truth. */
struct header {
    uint32_t kind, name_len, name2_len, data_len;
    uint64_t file[2], dir[2], dir2[2];
    uint64_t number, size;
};

static int ready, trace_fd;
static char roots[PATH_MAX * 4], ack_path[PATH_MAX], control_path[PATH_MAX];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* A trace with a hole would be worse than none: the child ends at once. */
static void die(const char *why)
{
    dprintf(2, "power-cut shim: %s\n", why);
    abort();
}

static void enter(void)
{
    pthread_mutex_lock(&mutex);
    while (flock(trace_fd, LOCK_EX) != 0)
        if (errno != EINTR)
            die("cannot lock the trace");
}

static void leave(void)
{
    int kept = errno;
    flock(trace_fd, LOCK_UN);
    pthread_mutex_unlock(&mutex);
    errno = kept;
}

static void record(struct header h, const char *name, const char *name2, const void *data)
{
    int kept = errno;
    h.name_len = name ? strlen(name) : 0;
    h.name2_len = name2 ? strlen(name2) : 0;
    struct iovec parts[4] = {{&h, sizeof h}, {(void *)name, h.name_len}, {(void *)name2, h.name2_len},
                             {(void *)data, h.data_len}};
    ssize_t want = sizeof h + h.name_len + h.name2_len + (ssize_t)h.data_len;
    if (syscall(SYS_writev, trace_fd, parts, 4) != want)
        die("cannot append to the trace");
    errno = kept;
}

static void uncovered(const char *what, const char *path)
{
    record((struct header){.kind = UNCOVERED}, what, path, NULL);
}

/* ---- what is watched ---------------------------------------------------------------------------------- */

/* A descriptor's file. */
struct target {
    struct stat st;
    char path[PATH_MAX];
};

/* A name in a directory. */
struct place {
    uint64_t dir[2];
    char name[NAME_MAX + 1];
    char path[PATH_MAX + NAME_MAX + 2];
};

#define ID(st) {(st).st_dev, (st).st_ino}

static int ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static int watched(const char *path)
{
    if (ends_with(path, "-shm"))
        return 0;
    for (const char *root = roots; *root;) {
        size_t len = strcspn(root, ":");
        if (len && strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == 0))
            return 1;
        root += len + (root[len] == ':');
    }
    return 0;
}

static int path_of(int fd, char *path)
{
    char link[48];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n <= 0)
        return 0;
    path[n] = 0;
    return 1;
}

/* Fills `t` for a file or directory; errno is as before, for a caller's own call comes next. */
static int look(int fd, struct target *t)
{
    int kept = errno;
    int found = ready && fstat(fd, &t->st) == 0 && (S_ISREG(t->st.st_mode) || S_ISDIR(t->st.st_mode)) &&
                path_of(fd, t->path);
    if (found && t->st.st_nlink == 0 && ends_with(t->path, " (deleted)"))
        t->path[strlen(t->path) - strlen(" (deleted)")] = 0;
    errno = kept;
    return found;
}

static int see(int fd, struct target *t)
{
    return look(fd, t) && watched(t->path);
}

/* Finds the directory of `path` and its last component. */
static int locate(int at, const char *path, struct place *p)
{
    char parent[PATH_MAX], canonical[PATH_MAX];
    struct stat st;
    int kept = errno, found = 0;
    size_t len = path ? strlen(path) : 0;
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (!ready || len == 0 || len >= PATH_MAX)
        return 0;
    memcpy(parent, path, len);
    parent[len] = 0;
    char *slash = strrchr(parent, '/');
    const char *name = slash ? slash + 1 : parent;
    if (strlen(name) <= NAME_MAX) {
        strcpy(p->name, name);
        if (slash)
            slash[slash == parent] = 0;
        int dir = syscall(SYS_openat, at, slash ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (dir >= 0) {
            if (fstat(dir, &st) == 0 && path_of(dir, canonical)) {
                p->dir[0] = st.st_dev, p->dir[1] = st.st_ino;
                snprintf(p->path, sizeof p->path, "%s/%s", canonical[1] ? canonical : "", p->name);
                found = watched(p->path);
            }
            close(dir);
        }
    }
    errno = kept;
    return found;
}

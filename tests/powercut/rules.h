/* Faults, budget, delay: the language at the head of shim.c, and its answers. Part of shim.c. */

enum { ON_WRITE = 1, ON_SYNC, ON_NAME, ON_OPEN };
enum { HALF = -1 }; /* instead of an errno: a short write */

static struct rule {
    int on, error, lasting;
    unsigned long nth, seen;
    char pattern[256];
} rules[16];
static int rule_count;
static int64_t budget; /* bytes left; negative: no limit */
static long delay_ms;

static int word_of(const char *word, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(word, words[i]) == 0)
            return i + 1;
    die("a rule has an unknown word");
    return 0;
}

static void read_rule(const char *text)
{
    static const char *const ons[] = {"write", "sync", "name", "open", NULL};
    static const char *const names[] = {"EIO", "ENOSPC", "EROFS", "EDQUOT", "EACCES", NULL};
    static const int errors[] = {EIO, ENOSPC, EROFS, EDQUOT, EACCES};
    struct rule r = {0};
    char on[16], error[16], last[16] = "";
    if (sscanf(text, " budget %ld", &budget) == 1 || sscanf(text, " delay %ld", &delay_ms) == 1)
        return;
    if (sscanf(text, " fail %15s %255s %lu %15s %15s", on, r.pattern, &r.nth, error, last) >= 4) {
        r.on = word_of(on, ons);
        r.error = errors[word_of(error, names) - 1];
    } else if (sscanf(text, " short %255s %lu %15s", r.pattern, &r.nth, last) >= 2) {
        r.on = ON_WRITE;
        r.error = HALF;
    } else {
        die("a rule is malformed");
    }
    r.lasting = strcmp(last, "on") == 0;
    if ((last[0] && !r.lasting) || r.nth == 0 || rule_count == sizeof rules / sizeof *rules)
        die("a rule is malformed, or there are too many");
    rules[rule_count++] = r;
}

static void read_rules(const char *text, size_t len)
{
    rule_count = 0, budget = -1, delay_ms = 0;
    for (size_t i = 0; i < len;) {
        char line[512];
        size_t n = 0;
        while (i + n < len && text[i + n] != ';' && text[i + n] != '\n')
            n++;
        if (n >= sizeof line)
            die("a rule is too long");
        memcpy(line, text + i, n);
        line[n] = 0;
        if (strspn(line, " ") != n)
            read_rule(line);
        i += n + 1;
    }
}

/* Counts this operation in every rule; the answer is an errno, HALF, or 0. */
static int verdict(int on, const char *path)
{
    int answer = 0;
    for (int i = 0; i < rule_count; i++) {
        struct rule *r = &rules[i];
        if (r->on != on || fnmatch(r->pattern, path, 0) != 0)
            continue;
        r->seen++;
        if (!answer && (r->seen == r->nth || (r->lasting && r->seen > r->nth)))
            answer = r->error;
    }
    return answer;
}

/* How many of `len` bytes at `start` the budget pays for, in a file of `size` bytes. */
static size_t affordable(uint64_t start, size_t len, uint64_t size)
{
    if (budget < 0 || start + len <= size)
        return len;
    uint64_t end = size + (uint64_t)budget;
    return end <= start ? 0 : end - start < len ? end - start : len;
}

static void account(int64_t growth)
{
    if (budget >= 0)
        budget = budget > growth ? budget - growth : 0;
}

static void grown(uint64_t end, uint64_t size)
{
    if (end > size)
        account((int64_t)(end - size));
}

/* A name of this file is about to go; its last name gives its bytes back. */
static void released(const struct stat *st)
{
    if (S_ISREG(st->st_mode) && st->st_nlink <= 1)
        account(-(int64_t)st->st_size);
}

/* May a name be made or changed? A full disk has no room for a directory entry either. */
static int name_refused(const char *path, int makes)
{
    int error = verdict(ON_NAME, path);
    errno = error ? error : makes && budget == 0 ? ENOSPC : errno;
    return error || (makes && budget == 0);
}

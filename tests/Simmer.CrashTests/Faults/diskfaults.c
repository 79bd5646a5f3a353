/* Loaded into a worker process by LD_PRELOAD: lets chosen file calls fail, take long, or kill the process, with SQLite and the engine none the wiser.
 *
 * SIMMER_DISKFAULTS        rules, separated by ';', each "CALL SUFFIX FIRST LAST ACTION MICROSECONDS":
 *                          CALL    write, sync, read, truncate
 *                          SUFFIX  how the file's path ends, such as -wal or jobs.db
 *                          FIRST   the first call of this kind on such a file that it touches, from 1; LAST the last one
 *                          ACTION  kill-before, kill-half (a write tears in the middle), kill-after, eio, enospc, slow
 * SIMMER_DISKFAULTS_WHILE  a file: rules count and act only while it exists; without it, always
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_RULES 16

enum action { NOTHING, KILL_BEFORE, KILL_HALF, KILL_AFTER, FAIL_EIO, FAIL_ENOSPC, SLOW };

struct rule {
  char call[16], suffix[128];
  long first, last, microseconds;
  enum action action;
  atomic_long seen;
};

static struct rule rules[MOST_RULES];
static int count;
static const char *gate;

static enum action action_of(const char *name) {
  static const char *names[] = {"", "kill-before", "kill-half", "kill-after", "eio", "enospc", "slow"};
  for (int i = 1; i <= SLOW; i++) {
    if (strcmp(name, names[i]) == 0) {
      return (enum action)i;
    }
  }

  fprintf(stderr, "diskfaults: no such action: %s\n", name);
  _exit(99);
}

__attribute__((constructor)) static void read_rules(void) {
  const char *text = getenv("SIMMER_DISKFAULTS");
  gate = getenv("SIMMER_DISKFAULTS_WHILE");
  while (text && *text && count < MOST_RULES) {
    struct rule *r = &rules[count++];
    char action[32];
    if (sscanf(text, " %15s %127s %ld %ld %31s %ld", r->call, r->suffix, &r->first, &r->last, action, &r->microseconds) != 6) {
      fprintf(stderr, "diskfaults: cannot read: %s\n", text);
      _exit(99);
    }

    r->action = action_of(action);
    text = strchr(text, ';');
    text = text ? text + 1 : NULL;
  }
}

static int ends_with(const char *path, const char *suffix) {
  size_t length = strlen(path), tail = strlen(suffix);
  return length >= tail && strcmp(path + length - tail, suffix) == 0;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) {
    pause();
  }
}

/* What becomes of this call. Sleeps and the kill before it are done here. */
static enum action meet(const char *call, int fd) {
  if (count == 0 || (gate && access(gate, F_OK) != 0)) {
    return NOTHING;
  }

  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) {
    return NOTHING;
  }

  path[length] = 0;
  enum action met = NOTHING;
  for (int i = 0; i < count; i++) {
    struct rule *r = &rules[i];
    if (strcmp(r->call, call) != 0 || !ends_with(path, r->suffix)) {
      continue;
    }

    long nth = atomic_fetch_add(&r->seen, 1) + 1;
    if (nth < r->first || nth > r->last) {
      continue;
    }

    if (r->action == KILL_BEFORE) {
      die();
    } else if (r->action == SLOW) {
      struct timespec nap = {r->microseconds / 1000000, (r->microseconds % 1000000) * 1000};
      nanosleep(&nap, NULL);
    } else {
      met = r->action;
    }
  }

  return met;
}

static int refused(enum action met) {
  errno = met == FAIL_EIO ? EIO : met == FAIL_ENOSPC ? ENOSPC : errno;
  return met == FAIL_EIO || met == FAIL_ENOSPC;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  enum action met = meet("write", fd);
  if (refused(met)) {
    return -1;
  }

  ssize_t written = REAL(pwrite64)(fd, data, met == KILL_HALF ? size / 2 : size, at);
  if (met == KILL_HALF || met == KILL_AFTER) {
    die();
  }

  return written;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }

ssize_t write(int fd, const void *data, size_t size) {
  enum action met = meet("write", fd);
  if (refused(met)) {
    return -1;
  }

  ssize_t written = REAL(write)(fd, data, met == KILL_HALF ? size / 2 : size);
  if (met == KILL_HALF || met == KILL_AFTER) {
    die();
  }

  return written;
}

ssize_t pread64(int fd, void *data, size_t size, off64_t at) {
  enum action met = meet("read", fd);
  return refused(met) ? -1 : REAL(pread64)(fd, data, size, at);
}

int fsync(int fd) {
  enum action met = meet("sync", fd);
  if (refused(met)) {
    return -1;
  }

  int answer = REAL(fsync)(fd);
  if (met == KILL_AFTER) {
    die();
  }

  return answer;
}

int fdatasync(int fd) {
  enum action met = meet("sync", fd);
  if (refused(met)) {
    return -1;
  }

  int answer = REAL(fdatasync)(fd);
  if (met == KILL_AFTER) {
    die();
  }

  return answer;
}

int ftruncate64(int fd, off64_t size) {
  enum action met = meet("truncate", fd);
  if (refused(met)) {
    return -1;
  }

  int answer = REAL(ftruncate64)(fd, size);
  if (met == KILL_AFTER) {
    die();
  }

  return answer;
}

/*
 * Preloaded into a process under test (LD_PRELOAD): notes every change that it makes to the files below one folder, in the order in which it
 * makes them, in a journal of its own outside of that folder. Whoever knows what the folder held before, and reads the journal, knows what a
 * disk may hold after a power cut at any moment: what was not synced may be missing.
 *
 * A note stands in the journal before its change is made and after a sync has come back, so that `kill -9` at any moment leaves a journal that is
 * never ahead with a promise and at most one change ahead of the folder. What the recorder cannot note (a shared writable map of a file, a link)
 * it notes as unseen: a reader must refuse such a journal. A copy made inside the system (copyFile) goes past it: readers compare what they make of
 * a journal with the folder itself. SQLite's `-shm` files are left out: they are made anew from the log at each open.
 *
 *   NACOS_CRASH_FOLDER   absolute path; nothing is noted without it
 *   NACOS_CRASH_JOURNAL  absolute path of the journal, made if absent, appended to
 *   NACOS_CRASH_LIE      syncs of files whose name ends so are neither done nor noted: a disk that lies. To show that a test can fail
 *
 * The layout of a note is that of `struct note`, in the machine's byte order; journal.ts reads it.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
  NOTE_CREATE = 1,
  NOTE_WRITE = 2,
  NOTE_TRUNCATE = 3,
  NOTE_RENAME = 4,
  NOTE_UNLINK = 5,
  NOTE_MAKE_FOLDER = 6,
  NOTE_REMOVE_FOLDER = 7,
  NOTE_SYNC_BEGINS = 8,
  NOTE_SYNC_ENDS = 9,
  /* The change just noted was not made; of a write, `offset` bytes of it were. */
  NOTE_FAILED = 10,
  /* This path may be made or emptied next, by an open. */
  NOTE_ABOUT_TO_OPEN = 11,
  NOTE_UNSEEN = 12,
};

/* Followed by the path (relative to the folder) and the data: bytes written, or the new name of a rename. */
struct note {
  uint32_t kind;
  uint32_t path_bytes;
  uint64_t inode;
  uint64_t offset;
  uint64_t data_bytes;
};

enum { descriptors = 65536, journal_lowest = 900, parts_max = 1024 };
enum what { NOTHING = 0, FILE_OPEN = 1, FOLDER_OPEN = 2 };

static struct {
  uint64_t inode;
  uint64_t device;
  char *path;
  enum what what;
  int appends;
  int lies;
} open_ones[descriptors];

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char folder[PATH_MAX];
static size_t folder_length;
static const char *lie;
static int journal = -1;
static uint64_t syncs;

static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_truncate)(const char *, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_renameat)(int, const char *, int, const char *);
static int (*real_unlinkat)(int, const char *, int);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_link)(const char *, const char *);
static int (*real_symlink)(const char *, const char *);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);

/* A recorder that cannot record must never let a test pass. */
static void give_up(const char *what) {
  dprintf(2, "crash recorder: %s: %s\n", what, strerror(errno));
  _exit(99);
}

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) give_up(name);
  return found;
}

static void begin(void) {
  real_openat = real("openat");
  real_close = real("close");
  real_write = real("write");
  real_pwrite = real("pwrite");
  real_writev = real("writev");
  real_pwritev = real("pwritev");
  real_ftruncate = real("ftruncate");
  real_truncate = real("truncate");
  real_fsync = real("fsync");
  real_fdatasync = real("fdatasync");
  real_renameat = real("renameat");
  real_unlinkat = real("unlinkat");
  real_mkdir = real("mkdir");
  real_link = real("link");
  real_symlink = real("symlink");
  real_mmap = real("mmap");
  const char *wanted = getenv("NACOS_CRASH_FOLDER");
  const char *path = getenv("NACOS_CRASH_JOURNAL");
  lie = getenv("NACOS_CRASH_LIE");
  if (wanted == NULL || path == NULL) return;
  if (realpath(wanted, folder) == NULL) give_up("its folder");
  int file = real_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) give_up("its journal");
  /* Out of the way of those who count on low numbers. */
  journal = fcntl(file, F_DUPFD_CLOEXEC, journal_lowest);
  if (journal < 0) give_up("its journal");
  real_close(file);
  folder_length = strlen(folder);
}

static void ready(void) { pthread_once(&once, begin); }
static void lock(void) { pthread_mutex_lock(&one_at_a_time); }
static void unlock(void) { pthread_mutex_unlock(&one_at_a_time); }

static int ends_with(const char *text, const char *end) {
  size_t length = strlen(text), wanted = strlen(end);
  return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* Takes `//`, `/./` and `/../` out of an absolute path, by its words alone: nothing here is a link. */
static void straighten(char *path) {
  char *out = path, *in = path;
  while (*in != 0) {
    while (*in == '/') in++;
    size_t length = strcspn(in, "/");
    if (length == 2 && in[0] == '.' && in[1] == '.') {
      while (out > path && *--out != '/') continue;
    } else if (length > 0 && !(length == 1 && in[0] == '.')) {
      *out++ = '/';
      memmove(out, in, length);
      out += length;
    }
    in += length;
  }
  *out = 0;
}

/* The place of `path` in the watched folder ("" is the folder itself), or NULL if it is none of ours. */
static const char *place_of(int base, const char *path, char room[PATH_MAX]) {
  if (folder_length == 0 || path == NULL) return NULL;
  if (path[0] == '/') {
    if (snprintf(room, PATH_MAX, "%s", path) >= PATH_MAX) return NULL;
  } else {
    char where[PATH_MAX];
    if (base == AT_FDCWD) {
      if (getcwd(where, sizeof where) == NULL) return NULL;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", base);
      ssize_t length = readlink(link, where, sizeof where - 1);
      if (length < 0) return NULL;
      where[length] = 0;
    }
    if (snprintf(room, PATH_MAX, "%s/%s", where, path) >= PATH_MAX) return NULL;
  }
  straighten(room);
  if (strncmp(room, folder, folder_length) != 0) return NULL;
  if (room[folder_length] != '/' && room[folder_length] != 0) return NULL;
  const char *place = room + folder_length;
  while (*place == '/') place++;
  return ends_with(place, "-shm") ? NULL : place;
}

static void note(enum kind kind, const char *path, uint64_t inode, uint64_t offset, const struct iovec *data, int count) {
  struct iovec parts[parts_max];
  struct note head = {kind, path == NULL ? 0 : (uint32_t)strlen(path), inode, offset, 0};
  if (count > parts_max - 2) give_up("too many parts");
  parts[0] = (struct iovec){&head, sizeof head};
  parts[1] = (struct iovec){(void *)path, head.path_bytes};
  for (int at = 0; at < count; at++) {
    parts[at + 2] = data[at];
    head.data_bytes += data[at].iov_len;
  }
  int from = 0, all = count + 2;
  while (from < all) {
    ssize_t written = real_writev(journal, parts + from, all - from);
    if (written < 0) {
      if (errno == EINTR) continue;
      give_up("its journal");
    }
    while (from < all && (size_t)written >= parts[from].iov_len) written -= parts[from++].iov_len;
    if (from < all) {
      parts[from].iov_base = (char *)parts[from].iov_base + written;
      parts[from].iov_len -= written;
    }
  }
}
static void note_path(enum kind kind, const char *path) { note(kind, path, 0, 0, NULL, 0); }
static void note_failed(uint64_t made) {
  int kept = errno;
  note(NOTE_FAILED, NULL, 0, made, NULL, 0);
  errno = kept;
}

static void forget(int file) {
  if (file < 0 || file >= descriptors || open_ones[file].what == NOTHING) return;
  free(open_ones[file].path);
  memset(&open_ones[file], 0, sizeof open_ones[file]);
}

/* libuv closes files by a bare system call, unseen from here: a number may have become that of something else. */
static int is(int file, enum what what) {
  if (file < 0 || file >= descriptors || open_ones[file].what != what) return 0;
  struct stat found;
  int kept = errno;
  int same = fstat(file, &found) == 0 && found.st_ino == open_ones[file].inode && found.st_dev == open_ones[file].device;
  errno = kept;
  if (!same) {
    lock();
    forget(file);
    unlock();
  }
  return same;
}

static void remember(int file, const char *place, int flags, const struct stat *found) {
  if (file >= descriptors) give_up("too many open files");
  forget(file);
  open_ones[file].what = S_ISDIR(found->st_mode) ? FOLDER_OPEN : FILE_OPEN;
  open_ones[file].inode = found->st_ino;
  open_ones[file].device = found->st_dev;
  open_ones[file].path = strdup(place);
  open_ones[file].appends = (flags & O_APPEND) != 0;
  open_ones[file].lies = lie != NULL && *lie != 0 && ends_with(place, lie);
}

static int open_noted(int base, const char *path, int flags, mode_t mode) {
  char room[PATH_MAX];
  ready();
  const char *place = place_of(base, path, room);
  if (place == NULL) return real_openat(base, path, flags, mode);
  lock();
  struct stat before, after;
  int existed = fstatat(base, path, &before, 0) == 0;
  int changes = ((flags & O_CREAT) && !existed) || ((flags & O_TRUNC) && existed && before.st_size > 0);
  if (changes) note_path(NOTE_ABOUT_TO_OPEN, place);
  int file = real_openat(base, path, flags, mode);
  if (file >= 0 && fstat(file, &after) == 0) {
    int kept = errno;
    if (changes && !existed) note(NOTE_CREATE, place, after.st_ino, 0, NULL, 0);
    if (changes && existed) note(NOTE_TRUNCATE, NULL, after.st_ino, 0, NULL, 0);
    remember(file, place, flags, &after);
    errno = kept;
  }
  unlock();
  return file;
}

static mode_t mode_of(int flags, va_list rest) { return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; }

#define OPENS(name)                              \
  int name(const char *path, int flags, ...) {   \
    va_list rest;                                \
    va_start(rest, flags);                       \
    mode_t mode = mode_of(flags, rest);          \
    va_end(rest);                                \
    return open_noted(AT_FDCWD, path, flags, mode); \
  }
#define OPENS_AT(name)                                   \
  int name(int base, const char *path, int flags, ...) { \
    va_list rest;                                        \
    va_start(rest, flags);                               \
    mode_t mode = mode_of(flags, rest);                  \
    va_end(rest);                                        \
    return open_noted(base, path, flags, mode);          \
  }
OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)

int close(int file) {
  ready();
  if (is(file, FILE_OPEN) || is(file, FOLDER_OPEN)) {
    lock();
    forget(file);
    unlock();
  }
  return real_close(file);
}

/* Where a write without a place of its own goes. */
static off_t next_place(int file) {
  struct stat found;
  if (!open_ones[file].appends) return lseek(file, 0, SEEK_CUR);
  return fstat(file, &found) == 0 ? found.st_size : -1;
}

#define NOTED_WRITE(file, at, parts, count, call)                            \
  do {                                                                       \
    lock();                                                                  \
    off_t place = at;                                                        \
    if (place < 0) give_up("the place of a write");                          \
    size_t wanted = 0;                                                       \
    for (int each = 0; each < (count); each++) wanted += (parts)[each].iov_len; \
    note(NOTE_WRITE, NULL, open_ones[file].inode, place, parts, count);      \
    ssize_t done = call;                                                     \
    if (done < 0 || (size_t)done < wanted) note_failed(done < 0 ? 0 : done); \
    unlock();                                                                \
    return done;                                                             \
  } while (0)

ssize_t write(int file, const void *bytes, size_t count) {
  ready();
  if (!is(file, FILE_OPEN)) return real_write(file, bytes, count);
  struct iovec part = {(void *)bytes, count};
  NOTED_WRITE(file, next_place(file), &part, 1, real_write(file, bytes, count));
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  ready();
  if (!is(file, FILE_OPEN)) return real_pwrite(file, bytes, count, at);
  struct iovec part = {(void *)bytes, count};
  NOTED_WRITE(file, at, &part, 1, real_pwrite(file, bytes, count, at));
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) { return pwrite(file, bytes, count, at); }
ssize_t writev(int file, const struct iovec *parts, int count) {
  ready();
  if (!is(file, FILE_OPEN)) return real_writev(file, parts, count);
  NOTED_WRITE(file, next_place(file), parts, count, real_writev(file, parts, count));
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  ready();
  if (!is(file, FILE_OPEN)) return real_pwritev(file, parts, count, at);
  NOTED_WRITE(file, at, parts, count, real_pwritev(file, parts, count, at));
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) { return pwritev(file, parts, count, at); }

int ftruncate(int file, off_t size) {
  ready();
  if (!is(file, FILE_OPEN)) return real_ftruncate(file, size);
  lock();
  note(NOTE_TRUNCATE, NULL, open_ones[file].inode, size, NULL, 0);
  int done = real_ftruncate(file, size);
  if (done != 0) note_failed(0);
  unlock();
  return done;
}
int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }

static int synced(int file, int (*sync)(int)) {
  lock();
  uint64_t number = ++syncs;
  uint64_t inode = open_ones[file].inode;
  const char *path = open_ones[file].what == FOLDER_OPEN ? open_ones[file].path : NULL;
  char *kept = path == NULL ? NULL : strdup(*path == 0 ? "." : path);
  note(NOTE_SYNC_BEGINS, kept, inode, number, NULL, 0);
  unlock();
  /* Others may write meanwhile; what they write is not part of this sync. */
  int done = sync(file);
  if (done == 0) {
    lock();
    note(NOTE_SYNC_ENDS, kept, inode, number, NULL, 0);
    unlock();
  }
  free(kept);
  return done;
}
static int sync_noted(int file, int (*sync)(int)) {
  if (!is(file, FILE_OPEN) && !is(file, FOLDER_OPEN)) return sync(file);
  return open_ones[file].lies ? 0 : synced(file, sync);
}
int fsync(int file) {
  ready();
  return sync_noted(file, real_fsync);
}
int fdatasync(int file) {
  ready();
  return sync_noted(file, real_fdatasync);
}

int renameat(int from_base, const char *from, int to_base, const char *to) {
  char from_room[PATH_MAX], to_room[PATH_MAX];
  ready();
  const char *old_place = place_of(from_base, from, from_room);
  const char *new_place = place_of(to_base, to, to_room);
  if (old_place == NULL && new_place == NULL) return real_renameat(from_base, from, to_base, to);
  lock();
  if (old_place == NULL || new_place == NULL) note_path(NOTE_UNSEEN, "a rename into or out of the folder");
  else {
    struct iovec name = {(void *)new_place, strlen(new_place)};
    note(NOTE_RENAME, old_place, 0, 0, &name, 1);
  }
  int done = real_renameat(from_base, from, to_base, to);
  if (done != 0) note_failed(0);
  unlock();
  return done;
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int base, const char *path, int flags) {
  char room[PATH_MAX];
  struct stat found;
  ready();
  const char *place = place_of(base, path, room);
  if (place == NULL) return real_unlinkat(base, path, flags);
  lock();
  int is_there = fstatat(base, path, &found, AT_SYMLINK_NOFOLLOW) == 0;
  if (is_there) note_path(flags & AT_REMOVEDIR ? NOTE_REMOVE_FOLDER : NOTE_UNLINK, place);
  int done = real_unlinkat(base, path, flags);
  if (is_there && done != 0) note_failed(0);
  unlock();
  return done;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  struct stat found;
  int is_folder = lstat(path, &found) == 0 && S_ISDIR(found.st_mode);
  return unlinkat(AT_FDCWD, path, is_folder ? AT_REMOVEDIR : 0);
}

int mkdir(const char *path, mode_t mode) {
  char room[PATH_MAX];
  ready();
  const char *place = place_of(AT_FDCWD, path, room);
  if (place == NULL || access(path, F_OK) == 0) return real_mkdir(path, mode);
  lock();
  note_path(NOTE_MAKE_FOLDER, place);
  int done = real_mkdir(path, mode);
  if (done != 0) note_failed(0);
  unlock();
  return done;
}

static void note_unseen(int base, const char *path, const char *words) {
  char room[PATH_MAX];
  ready();
  if (place_of(base, path, room) == NULL) return;
  lock();
  note_path(NOTE_UNSEEN, words);
  unlock();
}
int truncate(const char *path, off_t size) {
  note_unseen(AT_FDCWD, path, "a truncation by name");
  return real_truncate(path, size);
}
int truncate64(const char *path, off64_t size) { return truncate(path, size); }
int link(const char *from, const char *to) {
  note_unseen(AT_FDCWD, to, "a link");
  return real_link(from, to);
}
int symlink(const char *from, const char *to) {
  note_unseen(AT_FDCWD, to, "a symbolic link");
  return real_symlink(from, to);
}
void *mmap(void *where, size_t length, int protection, int flags, int file, off_t at) {
  ready();
  if ((protection & PROT_WRITE) && (flags & MAP_SHARED) && is(file, FILE_OPEN)) {
    lock();
    note_path(NOTE_UNSEEN, "a shared writable map");
    unlock();
  }
  return real_mmap(where, length, protection, flags, file, at);
}
void *mmap64(void *where, size_t length, int protection, int flags, int file, off64_t at) {
  return mmap(where, length, protection, flags, file, at);
}

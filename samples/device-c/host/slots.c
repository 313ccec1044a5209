/* Two slots for the firmware on a host, and the boot loader that chooses between them. The slots are the files <state>.slot0 and
   <state>.slot1 and hold this program or a later one; while a slot is empty its firmware is the program that was started.
   <state>.boot says which slot runs, whether it is on trial, and how often it was started on trial. */
#define _DEFAULT_SOURCE
#include "board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOT_BYTES (4u * 1024 * 1024)
#define BOOTED "FL_BOOTED"

static struct {
    int active, trial, starts, back;
} boot;
static char **started;
static const char *base;
static bool on_trial;
static int slot_fd = -1;

static void name_of(char out[500], const char *what, int slot)
{
    if (slot < 0)
        snprintf(out, 500, "%s.%s", base, what);
    else
        snprintf(out, 500, "%s.%s%d", base, what, slot);
}

static void boot_load(void)
{
    char name[500];
    name_of(name, "boot", -1);
    FILE *file = fopen(name, "r");
    if (file == NULL || fscanf(file, "%d %d %d %d", &boot.active, &boot.trial, &boot.starts, &boot.back) != 4)
        memset(&boot, 0, sizeof boot);
    if (file != NULL)
        fclose(file);
}

/* Whole or not at all, whenever the power goes. */
static bool boot_save(void)
{
    char name[500], next[500];
    name_of(name, "boot", -1);
    name_of(next, "boot-next", -1);
    FILE *file = fopen(next, "w");
    if (file == NULL)
        return false;
    fprintf(file, "%d %d %d %d\n", boot.active, boot.trial, boot.starts, boot.back);
    bool ok = fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && ok && rename(next, name) == 0;
}

static void go_back(void)
{
    boot.active ^= 1;
    boot.trial = boot.starts = 0;
    boot.back = 1;
    boot_save();
}

const char *host_boot(char **argv, const char *state)
{
    char name[500];
    const char *why = getenv(BOOTED);
    started = argv;
    base = state;
    boot_load();
    if (why != NULL) {
        /* This is the firmware of the slot; the loader is done. */
        static char kept[16];
        snprintf(kept, sizeof kept, "%s", why);
        unsetenv(BOOTED);
        on_trial = boot.trial != 0;
        return kept;
    }
    for (;;) {
        why = boot.back ? "back" : "power";
        boot.back = 0;
        if (boot.trial && boot.starts > 0) {
            go_back(); /* it was started once and was not confirmed: whatever ended it, it had its chance */
            continue;
        }
        if (boot.trial) {
            boot.starts++;
            why = "update";
        }
        boot_save();
        name_of(name, "slot", boot.active);
        if (access(name, F_OK) != 0)
            return why; /* the firmware is this program */
        setenv(BOOTED, why, 1);
        fflush(NULL);
        execv(name, argv);
        unsetenv(BOOTED);
        if (!boot.trial)
            return why; /* nothing better is there */
        go_back(); /* no program at all */
    }
}

/* The chip restarts: everything open is gone, and the loader comes first. */
static bool restart(void)
{
    fflush(NULL);
    for (int fd = 3; fd < 256; fd++)
        close(fd);
    execv(started[0], started);
    exit(3);
}

uint32_t hal_slot_size(void) { return SLOT_BYTES; }

bool hal_on_trial(void) { return on_trial; }

bool hal_slot_write(uint32_t offset, const void *bytes, size_t n)
{
    if (offset == 0) {
        char name[500];
        name_of(name, "slot", boot.active ^ 1);
        if (slot_fd >= 0)
            close(slot_fd);
        /* A file that runs may not be written, so the one before is put away first. */
        unlink(name);
        slot_fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    return slot_fd >= 0 && pwrite(slot_fd, bytes, n, (off_t)offset) == (ssize_t)n;
}

bool hal_slot_read(uint32_t offset, void *bytes, size_t n)
{
    return slot_fd >= 0 && pread(slot_fd, bytes, n, (off_t)offset) == (ssize_t)n;
}

bool hal_slot(enum fl_slot what)
{
    switch (what) {
    case FL_SLOT_KEEP:
        boot.trial = boot.starts = 0;
        if (!boot_save())
            return false;
        on_trial = false;
        return true;
    case FL_SLOT_TRY:
        if (slot_fd < 0 || fchmod(slot_fd, 0700) != 0 || fsync(slot_fd) != 0)
            return false;
        /* Open for writing it cannot be run. */
        close(slot_fd);
        slot_fd = -1;
        boot.active ^= 1;
        boot.trial = 1;
        boot.starts = 0;
        return boot_save() && restart();
    default:
        go_back();
        return restart();
    }
}

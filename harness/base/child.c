/* SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors are first moved above all of ours: one may have the number that another one gets.
 */
static int add_fds(posix_spawn_file_actions_t *actions, const struct hg_child_fd *fds, size_t n)
{
    int rc = 0, high = 10;
    bool named[3] = { false };

    for (size_t i = 0; i < n; i++) {
        high = fds[i].ours >= high ? fds[i].ours + 1 : high;
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = posix_spawn_file_actions_adddup2(actions, fds[i].ours, high + (int)i);
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = posix_spawn_file_actions_adddup2(actions, high + (int)i, fds[i].child);
        if (fds[i].child < 3) {
            named[fds[i].child] = true;
        }
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = posix_spawn_file_actions_addclose(actions, high + (int)i);
    }
    for (int fd = 0; rc == 0 && fd < 3; fd++) {
        if (!named[fd]) {
            rc = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
        }
    }
    return rc;
}

static int set_attributes(posix_spawnattr_t *attr)
{
    sigset_t none, all;
    int rc;

    sigemptyset(&none);
    sigfillset(&all);
    rc = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF);
    rc = rc ? rc : posix_spawnattr_setpgroup(attr, 0);
    rc = rc ? rc : posix_spawnattr_setsigmask(attr, &none);
    return rc ? rc : posix_spawnattr_setsigdefault(attr, &all);
}

bool hg_child_start(struct hg_child *ret, const char *const *argv, const char *const *envp,
                    const struct hg_child_fd *fds, size_t n_fds, struct hg_error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    pid_t pid = 0;
    int rc = posix_spawn_file_actions_init(&actions);

    if (rc != 0) {
        return hg_fail_nomem(err);
    }
    rc = posix_spawnattr_init(&attr);
    if (rc != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return hg_fail_nomem(err);
    }
    rc = add_fds(&actions, fds, n_fds);
    rc = rc ? rc : set_attributes(&attr);
    rc = rc ? rc
            : posix_spawnp(&pid, argv[0], &actions, &attr, (char *const *)argv,
                           (char *const *)envp);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0) {
        return hg_fail(err, HG_E_IO, "%s cannot be started: %s", argv[0], strerror(rc));
    }
    ret->pid = pid;
    ret->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return true;
}

static void forget(struct hg_child *child)
{
    if (child->pidfd >= 0) {
        close(child->pidfd);
    }
    child->pidfd = -1;
    child->pid = 0;
}

void hg_child_kill(struct hg_child *child)
{
    if (child->pid > 0) {
        kill(-child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        forget(child);
    }
}

bool hg_child_reap(struct hg_child *child, int *ret_status)
{
    pid_t pid = child->pid;

    if (pid <= 0 || waitpid(pid, ret_status, WNOHANG) != pid) {
        return false;
    }
    kill(-pid, SIGKILL); /* whatever it had started must not outlive it */
    forget(child);
    return true;
}

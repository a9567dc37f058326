/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* child.h - starting programs without a shell, and ending them for certain. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/error.h"

struct hg_child_fd {
    int child; /* number in the child */
    int ours;  /* descriptor of ours that it becomes */
};

struct hg_child {
    pid_t pid; /* also its process group; 0 when there is none */
    int pidfd; /* readable when it has ended; -1 */
};

/* Starts `argv[0]` (a path, or a name searched in PATH) as the leader of its own process group,
 * with exactly the descriptors of `fds` open (0, 1 and 2 that are not named become /dev/null)
 * and exactly `envp`. */
HG_MUST_CHECK bool hg_child_start(struct hg_child *ret, const char *const *argv,
                                  const char *const *envp, const struct hg_child_fd *fds,
                                  size_t n_fds, struct hg_error *err);

/* SIGKILL to the whole group; then the status of the leader is taken. Safe to call twice. */
void hg_child_kill(struct hg_child *child);

/* Takes the status when it has ended: true and the wait status; false when it still runs. */
bool hg_child_reap(struct hg_child *child, int *ret_status);

/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/common/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"

#if defined(__SANITIZE_ADDRESS__)
#    define HG_ASAN 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define HG_ASAN 1
#    endif
#endif

static void limit(int what, rlim_t most)
{
    struct rlimit r;

    if (getrlimit(what, &r) == 0) {
        r.rlim_cur = r.rlim_max != RLIM_INFINITY && r.rlim_max < most ? r.rlim_max : most;
        r.rlim_max = r.rlim_cur;
        (void)setrlimit(what, &r); /* a tighter limit that cannot be set is no reason to stop */
    }
}

void hg_sandbox_limits(int deadline_ms)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 4096);
    limit(RLIMIT_CPU, (rlim_t)(deadline_ms / 1000 + 3));
    limit(RLIMIT_FSIZE, 1 << 20);
#ifndef HG_ASAN
    limit(RLIMIT_AS, 512UL << 20);
#endif
    signal(SIGPIPE, SIG_IGN);
}

static void allow(int ruleset, const char *path)
{
    struct landlock_path_beneath_attr rule = { 0 };
    struct stat st;

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0) {
        return;
    }
    rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
    if (fstat(rule.parent_fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
    }
    (void)syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

/* What getaddrinfo(), OpenSSL and the loadable plugins of client libraries open. */
static const char *const always[] = {
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/services",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/protocols",
    "/etc/ssl",
    "/etc/pki",
    "/etc/crypto-policies",
    "/etc/localtime",
    "/etc/passwd",
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/local/lib",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/run/systemd/resolve",
    "/dev/urandom",
    "/dev/random",
    "/dev/null",
};

bool hg_sandbox_files(const char *const *files, size_t n)
{
    struct landlock_ruleset_attr attr = {
        .handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, /* all of version 1 */
    };
    int ruleset = (int)syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);
    bool ok;

    if (ruleset < 0) {
        return false;
    }
    for (size_t i = 0; i < HG_COUNT(always); i++) {
        allow(ruleset, always[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (files[i] != NULL) {
            allow(ruleset, files[i]);
        }
    }
    ok = syscall(__NR_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return ok;
}

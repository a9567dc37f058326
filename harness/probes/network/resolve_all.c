/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/network/network.h"

#define SIDE_BY_SIDE 32

/* What a child sends back: one write of less than PIPE_BUF, so it is whole or absent. */
struct answer {
    size_t n;
    struct hg_address addresses[HG_MAX_ADDRESSES];
    char outcome[24], message[200];
};

struct asking {
    struct hg_endpoint *e;
    pid_t pid;
    int fd;
    long long started_ms;
};

static bool numeric(struct hg_endpoint *e)
{
    unsigned char ignored[16];

    if (inet_pton(AF_INET, e->host, ignored) != 1 &&
        inet_pton(AF_INET6, e->host, ignored) != 1) {
        return false;
    }
    snprintf(e->addresses[0].text, sizeof(e->addresses[0].text), "%.60s", e->host);
    e->n_addresses = 1;
    return true;
}

static void child(const char *host, int fd)
{
    struct answer answer = { 0 };
    struct hg_outcome outcome = { .outcome = "" };

    answer.n = hg_resolve(host, answer.addresses, HG_MAX_ADDRESSES, &outcome);
    snprintf(answer.outcome, sizeof(answer.outcome), "%s", outcome.outcome);
    snprintf(answer.message, sizeof(answer.message), "%.190s", outcome.message);
    _exit(write(fd, &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : 1);
}

static bool ask(struct asking *a, struct hg_endpoint *e)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0) {
        e->outcome = "local";
        return false;
    }
    a->pid = fork();
    if (a->pid == 0) {
        child(e->host, fds[1]);
    }
    close(fds[1]);
    if (a->pid < 0) {
        close(fds[0]);
        e->outcome = "local";
        snprintf(e->message, sizeof(e->message), "no process for the name: %s",
                 strerror(errno));
        return false;
    }
    a->e = e;
    a->fd = fds[0];
    a->started_ms = hg_clock_ms();
    return true;
}

static const char *known_outcome(const char *text)
{
    return strcmp(text, "timeout") == 0 ? "timeout"
           : strcmp(text, "local") == 0 ? "local"
                                        : "name-not-found";
}

static void take(struct asking *a)
{
    struct answer answer;
    struct hg_endpoint *e = a->e;

    e->dns_ms = hg_clock_ms() - a->started_ms;
    if (read(a->fd, &answer, sizeof(answer)) != (ssize_t)sizeof(answer)) {
        e->outcome = "timeout";
        snprintf(e->message, sizeof(e->message), "%.100s: the resolver did not answer",
                 e->host);
    } else if (answer.n == 0) {
        e->outcome = known_outcome(answer.outcome);
        snprintf(e->message, sizeof(e->message), "%s", answer.message);
    } else {
        e->n_addresses = answer.n;
        memcpy(e->addresses, answer.addresses, sizeof(e->addresses));
    }
    close(a->fd);
    kill(a->pid, SIGKILL);
    waitpid(a->pid, NULL, 0);
    a->e = NULL;
}

/* A name that was resolved already for an earlier endpoint. */
static bool same_name(struct hg_endpoint *list, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (list[j].host != NULL && strcmp(list[j].host, list[i].host) == 0 &&
            (list[j].n_addresses > 0 || list[j].outcome != NULL)) {
            list[i].n_addresses = list[j].n_addresses;
            memcpy(list[i].addresses, list[j].addresses, sizeof(list[i].addresses));
            list[i].outcome = list[j].n_addresses > 0 ? NULL : list[j].outcome;
            memcpy(list[i].message, list[j].message, sizeof(list[i].message));
            return true;
        }
    }
    return false;
}

static bool fill(struct asking *asking, struct hg_endpoint *list, size_t n, size_t *next)
{
    bool any = false;

    for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
        while (asking[i].e == NULL && *next < n) {
            struct hg_endpoint *e = &list[(*next)++];

            if (e->outcome == NULL && !numeric(e) && !same_name(list, *next - 1)) {
                ask(&asking[i], e);
            }
        }
        any = any || asking[i].e != NULL;
    }
    return any;
}

void hg_resolve_all(struct hg_probe *probe, struct hg_endpoint *list, size_t n)
{
    struct asking asking[SIDE_BY_SIDE] = { 0 };
    long long until = hg_clock_ms() + hg_probe_left_ms(probe, 0) / 2;
    size_t next = 0;

    while (fill(asking, list, n, &next)) {
        struct pollfd fds[SIDE_BY_SIDE];
        long long left = until - hg_clock_ms();

        for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
            fds[i] = (struct pollfd){ .fd = asking[i].e ? asking[i].fd : -1, .events = POLLIN };
        }
        (void)poll(fds, SIDE_BY_SIDE, left < 0 ? 0 : (int)left);
        for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
            if (asking[i].e != NULL && (fds[i].revents != 0 || hg_clock_ms() >= until)) {
                if (fds[i].revents == 0) {
                    kill(asking[i].pid, SIGKILL);
                }
                take(&asking[i]);
            }
        }
    }
}

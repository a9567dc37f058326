/* SPDX-License-Identifier: Apache-2.0 */
/* signals.c - Ctrl-C ends what is under way in good order; a second one ends it at once. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"

/* Written by the signal handler, read by whoever polls: the one thing a handler may touch. */
static int stop_pipe[2] = { -1, -1 };

static void on_signal(int signal)
{
    ssize_t ignored = write(stop_pipe[1], "x", 1);

    (void)signal;
    (void)ignored;
}

int hg_cli_catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

    if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) == 0) {
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGHUP, &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    return stop_pipe[0];
}

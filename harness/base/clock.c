/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

long long hg_clock_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

long long hg_clock_epoch(void)
{
    return time(NULL);
}

void hg_clock_format(long long epoch, char *text, size_t size)
{
    time_t when = (time_t)epoch;
    struct tm tm;

    if (gmtime_r(&when, &tm) == NULL || strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        text[0] = '\0';
    }
}

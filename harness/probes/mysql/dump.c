/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/mysql/mysql.h"

void my_ask_dump(struct my_session *session)
{
    (void)session;
}

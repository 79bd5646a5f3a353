#!/bin/sh
# Runs a server for as long as the one who asked for it lives:  setsid sh guard.sh FOLDER SIGNAL COMMAND...
# Prints the server's process id, keeps what it says in FOLDER/log, and ends with it. When the standard input closes, which it does
# when the asker ends, however it ends, the server is sent SIGNAL and FOLDER is removed.
# In a session of its own, because a signal to the asker's group, from a terminal or from timeout, would end the guard first.
folder=$1 signal=$2
shift 2

exec 3<&0 2>>"$folder/log"
"$@" >>"$folder/log" 2>&1 </dev/null 3<&- &
server=$!
echo "$server"

abandoned=
# One that a test has frozen must go on to notice.
trap 'abandoned=1; kill -"$signal" "$server"; kill -CONT "$server"' USR1
{ while read -r _; do :; done; kill -USR1 $$; } <&3 >/dev/null &
watch=$!
exec 3<&-

# The trap interrupts the wait, hence the loop. Until it is waited for, an ended server keeps its id: no stranger is ever signalled.
while kill -0 "$server"; do wait "$server"; done 2>/dev/null
[ "$abandoned" ] && rm -rf "$folder"
kill -KILL "$watch" 2>/dev/null
exit 0

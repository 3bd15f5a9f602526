# Runs a server that ends with the tests, whatever ends them: a pipe from them, standard input, closes when they do.
#
#   sh -c "$(cat watchdog.sh)" watchdog FOLDER SERVER ARGUMENTS...
#
# The server replaces this shell, and keeps its number. A line from the pipe means that the server alone is to end; without one the tests
# are gone, and the folder with all data goes too.
folder=$1
removed=
shift
exec 3<&0
( (
  # What the system sends to a group whose parent is gone while one of it stands still.
  trap '' HUP
  read -r _ <&3 || removed=$folder
  # Standing still it makes no more children. PostgreSQL's are no part of our process group, and may stand still themselves.
  kill -STOP $$
  read -r children <"/proc/$$/task/$$/children"
  kill -KILL $children $$
  # Its data may be on a disk of their own.
  [ -z "$removed" ] || { umount --lazy "$removed/data"; rm -rf "$removed"; }
  kill -KILL 0
) 2>/dev/null &)
exec "$@" </dev/null 3<&-

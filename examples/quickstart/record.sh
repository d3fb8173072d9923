#!/bin/sh
# Records quickstart.pcap again: the traffic of a web server, as its network interface sees it.
#
#   apt-get install tcpdump iproute2 iputils-ping ethtool openssl python3 dnsutils
#   sudo sh record.sh
#
# One network namespace is the web server, another is everything else. A veth pair with the addresses of topology.json connects
# them. The packet numbers in main.tf are those of the recording in this folder; check them after a new recording.
set -eu

output=${1:-$(dirname "$0")/quickstart.pcap}
work=$(mktemp -d)
web=web-$$
rest=rest-$$

clean_up() {
  trap - EXIT
  for namespace in "$web" "$rest"; do
    ip netns pids "$namespace" 2>/dev/null | xargs -r kill || true
    ip netns del "$namespace" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

in_web="ip netns exec $web"
in_rest="ip netns exec $rest"
serve() { (exec ip netns exec "$@" >/dev/null 2>&1 &); }

# prepare NAMESPACE MAC ADDRESS...
# Without link-local addresses there are no router solicitations and no multicast packets. Without offloading, packets are recorded
# as they would be on a wire: no larger than the MTU and with their checksums.
prepare() {
  namespace=$1 mac=$2
  shift 2
  ip -n "$namespace" link set lo up
  ip -n "$namespace" link set eth0 address "$mac" addrgenmode none
  ip netns exec "$namespace" ethtool -K eth0 tx off rx off tso off gso off gro off >/dev/null
  ip -n "$namespace" link set eth0 up
  for address in "$@"; do
    case $address in
      *:*) ip -n "$namespace" address add "$address" dev eth0 nodad ;;
      *) ip -n "$namespace" address add "$address" dev eth0 ;;
    esac
  done
}

ip netns add "$web"
ip netns add "$rest"
ip link add eth0 netns "$web" type veth peer name eth0 netns "$rest"

prepare "$web" 02:00:00:00:01:10 10.0.1.10/24 2001:db8:0:101::10/64
ip -n "$web" route add default via 10.0.1.1
ip -n "$web" -6 route add default via 2001:db8:0:101::1

# The VPC router, the VPC's resolver, the application server, an administrator, the instance metadata service, and two visitors.
prepare "$rest" 02:00:00:00:01:01 10.0.1.1/24 10.0.0.2/32 10.0.2.20/32 10.0.9.7/32 169.254.169.254/32 203.0.113.50/32 \
  2001:db8:0:101::1/64 2001:db8:50::50/128

mkdir "$work/web" "$work/app" "$work/metadata"
echo '<html><body>Welcome to the shop.</body></html>' >"$work/web/index.html"
python3 -c 'for i in range(400): print(f"<li>article {i:04}, in stock, delivered in two days</li>")' >"$work/web/catalogue.html"
echo '{"stock": 42}' >"$work/app/stock.json"
echo 'i-0f3a9c1d5e7b20468' >"$work/metadata/instance-id"

cat >"$work/ssh.py" <<'PYTHON'
# The unencrypted part of SSH: both sides send their version. (What follows would be encrypted.)
import socket, sys

if sys.argv[1] == "serve":
    listener = socket.create_server(("10.0.1.10", 22))
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
            connection.recv(255)
with socket.create_connection(("10.0.1.10", 22), 5, (sys.argv[1], 0)) as connection:
    connection.recv(255)
    connection.sendall(b"SSH-2.0-OpenSSH_9.7\r\n")
    connection.recv(255)
PYTHON

cat >"$work/dns.py" <<'PYTHON'
# A resolver with one name: it answers every query for an address with the application server's address.
import socket, struct

listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("10.0.0.2", 53))
while True:
    query, client = listener.recvfrom(512)
    end = query.index(b"\0", 12) + 5
    kind = struct.unpack("!H", query[end - 4:end - 2])[0]
    address = {1: socket.inet_aton("10.0.2.20"), 28: socket.inet_pton(socket.AF_INET6, "2001:db8:0:102::20")}.get(kind, b"")
    answer = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(address)) + address if address else b""
    header = query[:2] + struct.pack("!HHHHH", 0x8180, 1, bool(answer), 0, 0)
    listener.sendto(header + query[12:end] + answer, client)
PYTHON

cat >"$work/get.py" <<'PYTHON'
# Fetches a page from a given address: get.py SOURCE HOST PORT PATH
import http.client, sys

source, host, port, path = sys.argv[1:]
connection = http.client.HTTPConnection(host, int(port), timeout=5, source_address=(source, 0))
connection.request("GET", path)
print(f"{path} from {host}: {len(connection.getresponse().read())} bytes")
PYTHON

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=shop.example \
  -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null

serve "$web" python3 -m http.server 80 --bind :: --directory "$work/web"
serve "$web" python3 "$work/ssh.py" serve
serve "$web" openssl s_server -accept 0.0.0.0:443 -cert "$work/certificate.pem" -key "$work/key.pem" -www -quiet
serve "$rest" python3 -m http.server 8080 --bind 10.0.2.20 --directory "$work/app"
serve "$rest" python3 -m http.server 80 --bind 169.254.169.254 --directory "$work/metadata"
serve "$rest" python3 "$work/dns.py"
sleep 2

$in_web tcpdump -i eth0 -U -Z root -w "$output" 2>"$work/tcpdump.log" &
tcpdump=$!
until grep -q listening "$work/tcpdump.log"; do
  kill -0 "$tcpdump" || { cat "$work/tcpdump.log" >&2; exit 1; }
  sleep 0.1
done

$in_web python3 "$work/get.py" 10.0.1.10 169.254.169.254 80 /instance-id
$in_rest ping -q -c 2 -i 0.2 -I 203.0.113.50 10.0.1.10
$in_rest python3 "$work/get.py" 203.0.113.50 10.0.1.10 80 /
$in_rest python3 "$work/get.py" 203.0.113.50 10.0.1.10 80 /catalogue.html
$in_web dig +short +tries=1 @10.0.0.2 app.shop.example A
$in_web dig +short +tries=1 @10.0.0.2 app.shop.example AAAA
$in_web python3 "$work/get.py" 10.0.1.10 10.0.2.20 8080 /stock.json
printf 'GET / HTTP/1.0\r\n\r\n' | $in_rest openssl s_client -connect 10.0.1.10:443 -bind 203.0.113.50:0 -servername shop.example -quiet >/dev/null 2>&1
$in_rest python3 "$work/ssh.py" 10.0.9.7
$in_rest python3 "$work/ssh.py" 203.0.113.50
$in_rest ping -q -c 2 -i 0.2 -I 2001:db8:50::50 2001:db8:0:101::10
$in_rest python3 "$work/get.py" 2001:db8:50::50 2001:db8:0:101::10 80 /
$in_rest python3 "$work/get.py" 2001:db8:50::50 2001:db8:0:101::10 80 /catalogue.html
sleep 1

kill "$tcpdump"
wait "$tcpdump"
echo "$output: $(tcpdump -r "$output" 2>/dev/null | wc -l) packets"

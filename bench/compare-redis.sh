#!/usr/bin/env bash
# Durable claims per second: hunt-engine against Redis, on this machine, in one run. See README.md beside it.
set -euo pipefail

ROUNDS=${ROUNDS:-5}                 # interleaved rounds of every target
SECONDS_PER_RUN=${SECONDS_PER_RUN:-5}
CONNECTIONS=${CONNECTIONS:-64}
HUNTS=${HUNTS:-1}                   # hunts that the 1,000 treasures are spread over
CORES=${CORES:-all}                 # cores of the engine, as `serve --cores` takes them
REDIS_PORT=${REDIS_PORT:-17379}
ENGINE_PORT=${ENGINE_PORT:-17117}
TREASURES=1000
STOCK=1000000000
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() { echo "compare-redis: $*" >&2; exit 1; }

for tool in redis-server redis-cli redis-benchmark wrk curl; do
  command -v "$tool" > /dev/null || fail "$tool is missing: apt-get install redis-server wrk curl"
done
((TREASURES % HUNTS == 0)) || fail "HUNTS must divide $TREASURES"

ENGINE=${HUNT_ENGINE:-}
if [[ -z $ENGINE ]]; then
  (cd "$HERE/.." && cargo build --release --locked --quiet -p server)
  ENGINE=${CARGO_TARGET_DIR:-$HERE/../target}/release/hunt-engine
fi
[[ -x $ENGINE ]] || fail "$ENGINE is not there: build it with cargo build --release -p server"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/hunt-bench.XXXXXX")
redis_id='' engine_id=''
finish() {
  [[ -z $redis_id ]] || kill "$redis_id" 2> /dev/null || true
  [[ -z $engine_id ]] || kill "$engine_id" 2> /dev/null || true
  wait 2> /dev/null || true
  rm -rf "$WORK"
}
trap finish EXIT

HUNT_JWT_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export HUNT_JWT_SECRET

start_redis() {
  mkdir "$WORK/redis"
  redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --dir "$WORK/redis" --save '' \
    --appendonly yes --appendfsync always --auto-aof-rewrite-percentage 0 > "$WORK/redis.log" 2>&1 &
  redis_id=$!
  for _ in $(seq 100); do
    kill -0 "$redis_id" 2> /dev/null || fail "redis did not start: $(tail -n 3 "$WORK/redis.log")"
    [[ $(redis-cli -p "$REDIS_PORT" ping 2> /dev/null) == PONG ]] && break
    sleep 0.1
  done
  [[ $(redis-cli -p "$REDIS_PORT" config get appendfsync | tail -n 1) == always ]] || fail "Redis does not sync always"
  redis-cli -p "$REDIS_PORT" eval "for i = 0, $TREASURES - 1 do redis.call('SET', string.format('stock:%03d', i), $STOCK) end
    return redis.call('SET', 'stock:hot', $STOCK)" 0 > /dev/null
  SHA=$(redis-cli -p "$REDIS_PORT" script load "$(cat "$HERE/claim-redis.lua")")
}

start_engine() {
  "$ENGINE" serve --listen "127.0.0.1:$ENGINE_PORT" --store "embedded:$WORK/engine" --cores "$CORES" \
    > "$WORK/engine.log" 2>&1 &
  engine_id=$!
  local url=http://127.0.0.1:$ENGINE_PORT operator
  for _ in $(seq 300); do
    kill -0 "$engine_id" 2> /dev/null || fail "the engine did not start: $(tail -n 3 "$WORK/engine.log")"
    curl --silent --fail --output /dev/null "$url/readyz" && break
    sleep 0.1
  done
  operator=$("$ENGINE" token --role operator --ttl 12h)
  SERVICE=$("$ENGINE" token --role service --ttl 12h)
  for ((hunt = 0; hunt < HUNTS; hunt++)); do
    definition "bench-$hunt" > "$WORK/hunt.json"
    curl --silent --fail --output /dev/null -X PUT -H "Authorization: Bearer $operator" \
      --data-binary "@$WORK/hunt.json" "$url/v1/hunts/bench-$hunt" || fail "the hunt was refused"
    curl --silent --fail --output /dev/null -X POST -H "Authorization: Bearer $operator" "$url/v1/hunts/bench-$hunt/open"
  done
  OPERATOR=$operator
}

definition() {
  local i
  printf '{"id":"%s","title":"Benchmark","clues":[],"treasures":[' "$1"
  for ((i = 0; i < TREASURES / HUNTS; i++)); do
    ((i == 0)) || printf ','
    printf '{"id":"t-%d","title":"T","stock":%d,"award":{"claim":{}}}' "$i" "$STOCK"
  done
  printf ']}'
}

# Grants of all treasures, as the engine counts them.
granted() {
  local hunt total=0 sum
  for ((hunt = 0; hunt < HUNTS; hunt++)); do
    sum=$(curl --silent --fail -H "Authorization: Bearer $OPERATOR" "http://127.0.0.1:$ENGINE_PORT/v1/hunts/bench-$hunt/stats" \
      | sed 's/.*"granted":{\([^}]*\)}.*/\1/' | tr ',' '\n' | awk -F: '{ sum += $2 } END { printf "%d", sum }')
    total=$((total + sum))
  done
  echo "$total"
}

# Prints claims per second.
run_redis() {
  local requests=$1 before after rate
  before=$(redis-cli -p "$REDIS_PORT" xlen events)
  rate=$(redis-benchmark -p "$REDIS_PORT" -c "$CONNECTIONS" -n "$requests" -r 2147483647 --csv \
    evalsha "$SHA" 0 __rand_int__ spread | tail -n 1 | sed 's/^"[^"]*","\([0-9.]*\)".*/\1/')
  after=$(redis-cli -p "$REDIS_PORT" xlen events)
  # Random numbers of 31 bits repeat now and then.
  ((after - before >= requests - requests / 1000)) || fail "Redis granted $((after - before)) of $requests"
  printf '%.0f\n' "$rate"
}

# Prints claims per second, and the latency's median and 99th percentile in microseconds.
run_engine() {
  local mode=$1 run=$2 before after result rate requests failed p50 p99
  before=$(granted)
  result=$(wrk -t1 -c"$CONNECTIONS" -d"${SECONDS_PER_RUN}s" --timeout 10s -s "$HERE/claim-engine.lua" \
    "http://127.0.0.1:$ENGINE_PORT" -- "$SERVICE" "$run-" "$mode" "$HUNTS" $((TREASURES / HUNTS)) | grep '^RESULT')
  read -r _ rate requests failed p50 p99 <<< "$result"
  ((failed == 0)) || fail "$failed of $requests requests failed"
  after=$(granted)
  ((after - before >= requests)) || fail "$requests claims were answered, but only $((after - before)) were granted"
  echo "$rate $p50 $p99"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# Of lines "a b": minimum, median and maximum of a/b.
ratios() {
  awk '{ printf "%.3f\n", $1 / $2 }' | sort -n | awk '{ v[NR] = $1 } END {
    m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
    printf "%8.2f %8.2f %8.2f\n", v[1], m, v[NR] }'
}

start_redis
start_engine
warm=$(run_redis 50000)
requests=$(awk -v rate="$warm" -v s="$SECONDS_PER_RUN" 'BEGIN { printf "%d", rate * s }')
run_engine spread w > /dev/null
echo "round    redis   spread      hot   (claims/s; engine p50/p99 in µs: spread, hot)"
for ((round = 1; round <= ROUNDS; round++)); do
  redis=$(run_redis "$requests")
  read -r spread spread50 spread99 <<< "$(run_engine spread "s$round")"
  read -r hot hot50 hot99 <<< "$(run_engine hot "h$round")"
  [[ -n $redis && -n $spread && -n $hot ]] || fail "a run gave no figure"
  printf '%5d %8d %8d %8d   %s/%s, %s/%s\n' "$round" "$redis" "$spread" "$hot" "$spread50" "$spread99" "$hot50" "$hot99"
  echo "$redis $spread $hot" >> "$WORK/figures"
done

kill -TERM "$engine_id"
wait "$engine_id" || fail "the engine did not end well: $(tail -n 3 "$WORK/engine.log")"
engine_id=''
"$ENGINE" verify --store "embedded:$WORK/engine" || fail "the log has faults"

echo
printf 'median %8s %8s %8s\n' "$(awk '{ print $1 }' "$WORK/figures" | median)" \
  "$(awk '{ print $2 }' "$WORK/figures" | median)" "$(awk '{ print $3 }' "$WORK/figures" | median)"
echo "ratio                  min   median      max"
echo "engine/redis    $(awk '{ print $2, $1 }' "$WORK/figures" | ratios)"
echo "hot/spread      $(awk '{ print $3, $2 }' "$WORK/figures" | ratios)"
echo "machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(uname -sr); \
$(redis-server --version | sed 's/.*v=\([^ ]*\).*/Redis \1/'), $("$ENGINE" --version); $CONNECTIONS connections, engine on cores: $CORES, hunts: $HUNTS"

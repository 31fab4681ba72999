-- What a claim is over HTTP, for wrk: every request a new player and a new Idempotency-Key.
-- Arguments: token, a prefix of the players of this run, `hot` or `spread`, hunts, treasures of each.
-- Paths are made once; a request is one concatenation, so that the generator leaves the machine to the engine.
local heads, between, tail, count, number = {}, '', '', 0, 0

function init(args)
  local token, run, mode, hunts, treasures = args[1], args[2], args[3], tonumber(args[4]), tonumber(args[5])
  for hunt = 0, hunts - 1 do
    for treasure = 0, treasures - 1 do
      heads[#heads + 1] = 'POST /v1/hunts/bench-' .. hunt .. '/treasures/t-' .. treasure .. '/claim HTTP/1.1\r\n'
        .. 'Host: bench\r\nAuthorization: Bearer ' .. token .. '\r\nContent-Length: 0\r\nHunt-Player: ' .. run
    end
  end
  count = mode == 'hot' and 1 or #heads
  between, tail = '\r\nIdempotency-Key: ' .. run, '\r\n\r\n'
end

function request()
  number = number + 1
  return heads[number % count + 1] .. number .. between .. number .. tail
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('RESULT %.0f %d %d %.0f %.0f\n', summary.requests / (summary.duration / 1e6),
    summary.requests, failed, latency:percentile(50), latency:percentile(99)))
end

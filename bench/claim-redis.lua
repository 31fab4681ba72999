-- What a claim is in Redis: seen before? take one from the stock, append to a stream.
-- ARGV: a number that names player and request, and `hot` or `spread`.
local id, mode = ARGV[1], ARGV[2]
if not redis.call('SET', 'seen:' .. id, 1, 'NX') then return 'seen' end
local treasure = mode == 'hot' and 'hot' or string.sub(id, -3)
if redis.call('DECR', 'stock:' .. treasure) < 0 then
  redis.call('INCR', 'stock:' .. treasure)
  return 'sold_out'
end
redis.call('XADD', 'events', '*', 'player', id, 'treasure', treasure)
return 'granted'

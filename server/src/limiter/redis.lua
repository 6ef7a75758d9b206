-- KEYS: one bucket each. ARGV: most, milliseconds and amount of each.
-- Takes all or nothing; answers the number of the quota that is full and the
-- milliseconds until it is not, or 0 and 0. The clock is the server's, which
-- all replicas share.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local levels = {}
for i, key in ipairs(KEYS) do
  local most, millis, amount = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local bucket = redis.call('HMGET', key, 'level', 'at')
  local level, at = tonumber(bucket[1] or '0'), tonumber(bucket[2] or '0')
  level = math.max(level - math.max(now - at, 0) * most / millis, 0)
  local over = level + amount - most
  if over > 0 then
    return { i, math.ceil(over * millis / most) }
  end
  levels[i] = level + amount
end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'level', string.format('%.17g', levels[i]), 'at', string.format('%.0f', now))
  redis.call('PEXPIRE', key, ARGV[3 * i - 1])
end
return { 0, 0 }

# Ruby's dalli, driven like the other measured programs: see Sources/Harness/include/harness.h.

require 'dalli'

arguments = ARGV.to_h { |argument| argument.split('=', 2) }
op = arguments['op']
value = File.binread(arguments['value'])
value = 1_234_567 if arguments['style'] == 'int'
value = { 'id' => 12_345, 'name' => 'some name', 'tags' => %w[a b c], 'score' => 3.25 } if arguments['style'] == 'codable'
# Of its own, for nobody else understands how it marks its values.
names = (0...(arguments['keys'] || 100).to_i).map { |number| "key:#{2_000_000 + number}" }
key = arguments['key'] || 'bench:key:1'

Dalli.logger.level = Logger::ERROR
client = Dalli::Client.new(arguments['servers'].split(','), compress: false, socket_timeout: 30, value_max_bytes: 4 << 20)
client.set(key, value) or abort 'cannot store'
client.set('bench:count', '1', nil, raw: true)

# What it has for many keys: quiet requests, whose refusals it reads at the end and drops.
set_all = -> { client.multi { names.each { |name| client.set(name, value) } } }
delete_all = -> { client.multi { names.each { |name| client.delete(name) } } }
set_all.call if %w[getMulti deleteMulti].include?(op)

paused = 0
work = {
  'get' => -> { client.get(key) },
  'set' => -> { client.set(key, value) },
  'miss' => -> { client.get('bench:none') },
  'incr' => -> { client.incr('bench:count', 1) },
  'getMulti' => -> { client.get_multi(names).size == names.size or abort 'missing values' },
  'setMulti' => set_all,
  'deleteMissing' => delete_all,
  'deleteMulti' => lambda {
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
    set_all.call
    paused += Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start
    delete_all.call
  }
}.fetch(op)

$stdout.sync = true
puts 'ready'
while (line = $stdin.gets)
  paused = 0
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  line.to_i.times { work.call }
  puts Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start - paused
end

<?php
// php-memcached, driven like the other measured programs: see Sources/Harness/include/harness.h.

foreach (array_slice($argv, 1) as $argument) {
    [$name, $text] = explode('=', $argument, 2);
    $arguments[$name] = $text;
}
$op = $arguments['op'];
$value = file_get_contents($arguments['value']);
$style = $arguments['style'] ?? 'bytes';
if ($style === 'int') $value = 1234567;
if ($style === 'codable') $value = ['id' => 12345, 'name' => 'some name', 'tags' => ['a', 'b', 'c'], 'score' => 3.25];
$names = [];
for ($number = 0; $number < (int)($arguments['keys'] ?? 100); $number++) $names[] = 'key:' . (1000000 + $number);
$mapping = array_fill_keys($names, $value);

$client = new Memcached();
if (($arguments['settings'] ?? 'binary') === 'binary') {
    $client->setOption(Memcached::OPT_BINARY_PROTOCOL, true);
    $client->setOption(Memcached::OPT_TCP_NODELAY, true);
}
$client->setOption(Memcached::OPT_COMPRESSION, false);
$client->setOption(Memcached::OPT_POLL_TIMEOUT, 30000);
foreach (explode(',', $arguments['servers']) as $server) {
    if ($server[0] === '/') {
        $client->addServer($server, 0);
    } else {
        [$host, $port] = explode(':', $server);
        $client->addServer($host, (int)$port);
    }
}

$key = $arguments['key'] ?? 'bench:key:1';
if (!$client->set($key, $value)) exit("cannot store\n");
$client->set('bench:count', 1);
$client->setMulti($op === 'incrMulti' ? array_fill_keys($names, 1) : $mapping);
$paused = 0;
$work = match ($op) {
    'get' => fn() => $client->get($key),
    'set' => fn() => $client->set($key, $value),
    'miss' => fn() => $client->get('bench:none'),
    'incr' => fn() => $client->increment('bench:count'),
    'getMulti' => fn() => $client->getMulti($names),
    'setMulti' => fn() => $client->setMulti($mapping),
    'addMulti' => function () use ($client, $mapping) {
        foreach ($mapping as $name => $each) $client->add($name, $each);
    },
    'replaceMulti' => function () use ($client, $mapping) {
        foreach ($mapping as $name => $each) $client->replace($name, $each);
    },
    'touchMulti' => function () use ($client, $names) {
        foreach ($names as $name) $client->touch($name, 3600);
    },
    'incrMulti' => function () use ($client, $names) {
        foreach ($names as $name) $client->increment($name);
    },
    'deleteHalf' => function () use ($client, $mapping, $names, &$paused) {
        $start = hrtime(true);
        $client->setMulti(array_filter($mapping, fn($name) => substr($name, -1) % 2 === 0, ARRAY_FILTER_USE_KEY));
        $paused += hrtime(true) - $start;
        $client->deleteMulti($names);
    },
    'deleteMissing' => fn() => $client->deleteMulti($names),
    'deleteMulti' => function () use ($client, $mapping, $names, &$paused) {
        $start = hrtime(true);
        $client->setMulti($mapping);
        $paused += hrtime(true) - $start;
        $client->deleteMulti($names);
    },
};

echo "ready\n";
while (($line = fgets(STDIN)) !== false) {
    $count = (int)$line;
    $paused = 0;
    $start = hrtime(true);
    while ($count-- > 0) $work();
    echo hrtime(true) - $start - $paused, "\n";
}

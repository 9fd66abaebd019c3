import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.spy.memcached.AddrUtil;
import net.spy.memcached.ConnectionFactoryBuilder;
import net.spy.memcached.ConnectionFactoryBuilder.Protocol;
import net.spy.memcached.MemcachedClient;
import net.spy.memcached.transcoders.SerializingTranscoder;

/** Java's spymemcached, driven like the other measured programs: see Sources/Harness/include/harness.h. */
public final class JavaClient {
    private interface Work {
        void run() throws Exception;
    }

    /** For so long it does its work before it is measured, so that it is compiled. */
    private static final long WARM_UP_NANOSECONDS = 1_000_000_000L;

    private static long paused = 0;

    private static void wait(List<Future<Boolean>> futures) throws Exception {
        for (Future<Boolean> future : futures) future.get();
    }

    public static void main(String[] args) throws Exception {
        System.setProperty("net.spy.log.LoggerImpl", "net.spy.memcached.compat.log.SunLogger");
        // Held, or its level would be forgotten.
        Logger logger = Logger.getLogger("net.spy");
        logger.setLevel(Level.OFF);
        Map<String, String> arguments = new HashMap<>();
        for (String argument : args) {
            String[] parts = argument.split("=", 2);
            arguments.put(parts[0], parts[1]);
        }
        byte[] value = Files.readAllBytes(Path.of(arguments.get("value")));
        String key = arguments.getOrDefault("key", "bench:key:1");
        List<String> names = new ArrayList<>();
        int keys = Integer.parseInt(arguments.getOrDefault("keys", "100"));
        // Of its own, for nobody else understands how it marks its values.
        boolean isBinary = "binary".equals(arguments.get("settings"));
        int first = isBinary ? 4_000_000 : 3_000_000;
        for (int number = 0; number < keys; number++) names.add("key:" + (first + number));

        SerializingTranscoder transcoder = new SerializingTranscoder(4 << 20);
        transcoder.setCompressionThreshold(Integer.MAX_VALUE);
        MemcachedClient client = new MemcachedClient(
                new ConnectionFactoryBuilder()
                        .setProtocol(isBinary ? Protocol.BINARY : Protocol.TEXT)
                        .setOpTimeout(30_000)
                        .setTranscoder(transcoder)
                        .setDaemon(true)
                        .build(),
                AddrUtil.getAddresses(arguments.get("servers").replace(',', ' ')));

        Work setAll = () -> {
            List<Future<Boolean>> futures = new ArrayList<>(keys);
            for (String name : names) futures.add(client.set(name, 0, value));
            wait(futures);
        };
        Work deleteAll = () -> {
            List<Future<Boolean>> futures = new ArrayList<>(keys);
            for (String name : names) futures.add(client.delete(name));
            wait(futures);
        };
        if (!client.set(key, 0, value).get()) throw new IllegalStateException("cannot store");
        client.set("bench:count", 0, "1").get();
        String op = arguments.get("op");
        if (op.equals("getMulti") || op.equals("deleteMulti")) setAll.run();
        Work work = switch (op) {
            case "get" -> () -> client.get(key);
            case "set" -> () -> client.set(key, 0, value).get();
            case "miss" -> () -> client.get("bench:none");
            case "incr" -> () -> client.incr("bench:count", 1);
            case "getMulti" -> () -> {
                if (client.getBulk(names).size() != keys) throw new IllegalStateException("missing values");
            };
            case "setMulti" -> setAll;
            case "deleteMissing" -> deleteAll;
            case "deleteMulti" -> () -> {
                long start = System.nanoTime();
                setAll.run();
                paused += System.nanoTime() - start;
                deleteAll.run();
            };
            default -> throw new IllegalArgumentException(op);
        };

        long end = System.nanoTime() + WARM_UP_NANOSECONDS;
        while (System.nanoTime() < end) work.run();
        System.out.println("ready");
        Scanner input = new Scanner(System.in);
        while (input.hasNextLong()) {
            long count = input.nextLong();
            paused = 0;
            long start = System.nanoTime();
            while (count-- > 0) work.run();
            System.out.println(System.nanoTime() - start - paused);
        }
        client.shutdown();
    }
}

import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import com.alibaba.nacos.api.naming.NamingService;
import com.alibaba.nacos.api.naming.listener.NamingEvent;
import com.alibaba.nacos.api.naming.pojo.Instance;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The official Java client, unchanged: configurations and naming over gRPC. Speaks the protocol of ../../protocol.ts, whose names these are. */
public final class Program {

    private static final long READ_LIMIT_MS = 6_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Nothing else may write there: what a library prints goes to stderr. */
    private static final PrintWriter STDOUT = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);

    private final ConfigService configs;
    private final NamingService naming;

    private Program(Properties options) throws Exception {
        configs = NacosFactory.createConfigService(options);
        naming = NacosFactory.createNamingService(options);
    }

    public static void main(String[] arguments) throws Exception {
        System.setOut(System.err);
        // It keeps its snapshots and logs there, and would ask the account's entry for it.
        System.setProperty("user.home", System.getenv("HOME"));
        Program program = new Program(properties(JSON.readTree(arguments[0])));
        tell(JSON.createObjectNode().put("kind", "ready"));
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String text = orders.readLine(); text != null; text = orders.readLine()) {
            JsonNode order = JSON.readTree(text);
            new Thread(() -> program.take(order)).start();
        }
        System.exit(0);
    }

    private static Properties properties(JsonNode options) {
        Properties properties = new Properties();
        List<String> servers = new ArrayList<>();
        options.get("servers").forEach(server -> servers.add(server.asText()));
        properties.put("serverAddr", String.join(",", servers));
        // On two cores it has two threads, and its loops take both: what it asks for a pattern would wait for ever.
        properties.put("clientWorkerThreadCount", "4");
        properties.put("clientWorkerMaxThreadCount", "4");
        for (String name : Arrays.asList("namespace", "username", "password")) {
            if (!options.path(name).asText().isEmpty()) {
                properties.put(name, options.get(name).asText());
            }
        }
        return properties;
    }

    private static synchronized void tell(ObjectNode line) {
        STDOUT.println(line);
    }

    private void take(JsonNode order) {
        ObjectNode answer = JSON.createObjectNode().put("id", order.get("id").asInt());
        try {
            answer.set("value", JSON.valueToTree(carryOut(order.get("do").asText(), order.get("with"))));
            tell(answer.put("kind", "done"));
        } catch (Exception | LinkageError problem) {
            tell(answer.put("kind", "failed").put("problem", problem.toString()));
        }
    }

    private Object carryOut(String verb, JsonNode given) throws Exception {
        String group = given.get("group").asText();
        String dataId = given.path("dataId").asText();
        String service = given.path("service").asText();
        switch (verb) {
            case "get":
                return configs.getConfig(dataId, group, READ_LIMIT_MS);
            case "publish":
                return configs.publishConfig(dataId, group, given.get("content").asText());
            case "remove":
                return configs.removeConfig(dataId, group);
            case "listen":
                configs.addListener(dataId, group, new Told(dataId));
                return null;
            case "follow":
                follow(ConfigService.class, configs, "com.alibaba.nacos.api.config.listener.FuzzyWatchEventWatcher", dataId, group);
                return null;
            case "follow services":
                follow(NamingService.class, naming, "com.alibaba.nacos.api.naming.listener.FuzzyWatchEventWatcher", service, group);
                return null;
            case "register":
                naming.registerInstance(service, group, instance(given.get("instance")));
                return null;
            case "deregister":
                naming.deregisterInstance(service, group, instance(given.get("instance")));
                return null;
            case "batch":
                List<Instance> all = new ArrayList<>();
                given.get("instances").forEach(each -> all.add(instance(each)));
                naming.batchRegisterInstance(service, group, all);
                return null;
            case "instances":
                return shown(naming.getAllInstances(service, group, false));
            case "subscribe":
                naming.subscribe(service, group, event -> {
                    ObjectNode line = JSON.createObjectNode().put("kind", "service").put("service", service);
                    tell(line.set("instances", shown(((NamingEvent) event).getInstances())));
                });
                return null;
            default:
                throw new IllegalArgumentException("this client cannot " + verb);
        }
    }

    /** By reflection: 2.x has no such call, and this program is made with it as well. */
    private static void follow(Class<?> api, Object with, String watcherName, String pattern, String group) throws Exception {
        Class<?> watcher = Class.forName(watcherName);
        Object followed = Proxy.newProxyInstance(watcher.getClassLoader(), new Class<?>[] {watcher}, (self, method, given) -> {
            switch (method.getName()) {
                case "onEvent":
                    JsonNode event = JSON.valueToTree(given[0]);
                    String name = event.path("dataId").asText(event.path("serviceName").asText());
                    String change = event.path("changedType").asText(event.path("changeType").asText());
                    tell(JSON.createObjectNode().put("kind", "name").put("name", name).put("isThere", change.startsWith("ADD")));
                    return null;
                case "hashCode":
                    return System.identityHashCode(self);
                case "equals":
                    return self == given[0];
                case "toString":
                    return pattern;
                default:
                    return null;
            }
        });
        api.getMethod("fuzzyWatch", String.class, String.class, watcher).invoke(with, pattern, group, followed);
    }

    private static final class Told extends AbstractListener {

        private final String dataId;

        Told(String dataId) {
            this.dataId = dataId;
        }

        @Override
        public void receiveConfigInfo(String content) {
            tell(JSON.createObjectNode().put("kind", "config").put("dataId", dataId).put("content", content == null ? "" : content));
        }
    }

    private static Instance instance(JsonNode given) {
        Instance instance = new Instance();
        instance.setIp(given.get("ip").asText());
        instance.setPort(given.get("port").asInt());
        instance.setWeight(given.path("weight").asDouble(1));
        instance.setEphemeral(given.path("ephemeral").asBoolean(true));
        Map<String, String> metadata = new HashMap<>();
        given.path("metadata").fields().forEachRemaining(entry -> metadata.put(entry.getKey(), entry.getValue().asText()));
        instance.setMetadata(metadata);
        return instance;
    }

    private static ArrayNode shown(List<Instance> instances) {
        ArrayNode all = JSON.createArrayNode();
        for (Instance each : instances) {
            ObjectNode one = all.addObject().put("ip", each.getIp()).put("port", each.getPort());
            one.put("healthy", each.isHealthy()).put("weight", each.getWeight()).put("ephemeral", each.isEphemeral());
            one.set("metadata", JSON.valueToTree(each.getMetadata()));
        }
        return all;
    }
}

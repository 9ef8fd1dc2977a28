import com.sforce.soap.metadata.*;
import com.sforce.soap.partner.PartnerConnection;
import com.sforce.soap.partner.sobject.SObject;
import com.sforce.ws.ConnectorConfig;

/** Salesforce's own SOAP clients for Java against SANDBOX_URL: run by scripts/conformance.ts. */
public class Client {
  interface Work { Object run() throws Exception; }

  static void step(String name, Work work) {
    try {
      System.out.println("ok   " + name + ": " + work.run());
    } catch (Throwable error) {
      System.out.println("FAIL " + name + ": " + error);
    }
  }

  static PartnerConnection data;
  static MetadataConnection metadata;
  static String id;

  public static void main(String[] args) {
    String url = System.getenv("SANDBOX_URL");
    step("partner sign-in", () -> {
      ConnectorConfig config = new ConnectorConfig();
      config.setUsername("admin@rapport.sandbox");
      config.setPassword("sandbox");
      config.setAuthEndpoint(url + "/services/Soap/u/62.0");
      data = new PartnerConnection(config);
      return data.getUserInfo().getUserName();
    });
    step("partner query", () -> data.query("SELECT Id, Name, Owner.Name FROM Account LIMIT 5").getSize());
    step("partner create, delete", () -> {
      SObject account = new SObject("Account");
      account.setField("Name", "Conformance");
      id = data.create(new SObject[] {account})[0].getId();
      return data.delete(new String[] {id})[0].isSuccess();
    });
    step("partner describe", () -> data.describeSObject("Account").getFields().length + " fields");
    step("metadata list and read", () -> {
      ConnectorConfig config = new ConnectorConfig();
      config.setSessionId(data.getConfig().getSessionId());
      config.setServiceEndpoint(url + "/services/Soap/m/62.0");
      metadata = new MetadataConnection(config);
      CustomObject license = (CustomObject) metadata.readMetadata("CustomObject", new String[] {"Rapport_License__c"}).getRecords()[0];
      return metadata.describeMetadata(62.0).getMetadataObjects().length + " types, " + license.getFields().length + " fields";
    });
    step("metadata retrieve", () -> {
      RetrieveRequest request = new RetrieveRequest();
      com.sforce.soap.metadata.Package wanted = new com.sforce.soap.metadata.Package();
      PackageTypeMembers members = new PackageTypeMembers();
      members.setName("PermissionSet");
      members.setMembers(new String[] {"*"});
      wanted.setTypes(new PackageTypeMembers[] {members});
      wanted.setVersion("62.0");
      request.setApiVersion(62.0);
      request.setUnpackaged(wanted);
      AsyncResult started = metadata.retrieve(request);
      RetrieveResult result;
      do {
        Thread.sleep(200);
        result = metadata.checkRetrieveStatus(started.getId(), true);
      } while (!result.isDone());
      return result.getZipFile().length + " bytes";
    });
  }
}

"""simple-salesforce against SANDBOX_HTTPS (it insists on TLS): run by scripts/conformance.ts."""
import base64, os, warnings
import requests
from simple_salesforce import Salesforce

warnings.filterwarnings("ignore")
url = os.environ["SANDBOX_HTTPS"]

def step(name, work):
    try:
        print(f"ok   {name}: {str(work())[:120]}")
    except Exception as error:
        print(f"FAIL {name}: {type(error).__name__} {str(error)[:300]}")

grant = dict(grant_type="client_credentials", client_id="rapport", client_secret="rapport-secret")
token = requests.post(f"{url}/services/oauth2/token", data=grant).json()["access_token"]
sf = Salesforce(instance_url=url, session_id=token, version="62.0")
made = {}

def change():
    made["id"] = sf.Account.create({"Name": "Conformance"})["id"]
    return sf.Account.update(made["id"], {"Phone": "1"})

def file():
    sent = {"Title": "c", "PathOnClient": "c.txt", "VersionData": base64.b64encode(b"hello").decode()}
    version = sf.ContentVersion.create({**sent, "FirstPublishLocationId": made["id"]})["id"]
    return requests.get(f"{url}/services/data/v62.0/sobjects/ContentVersion/{version}/VersionData", headers=sf.headers).content

def bulk():
    rows = sf.bulk2.Account.insert(records=[{"Name": "Bulk conformance"}])
    ids = [each["Id"] for each in sf.query_all("SELECT Id FROM Account WHERE Name = 'Bulk conformance'")["records"]]
    sf.bulk2.Account.delete(records=[{"Id": each} for each in ids])
    return rows[0]["numberRecordsProcessed"]

def metadata():
    md = sf.mdapi
    md.CustomField.create(md.CustomField(fullName="Account.Conformance__c", label="C", type=md.FieldType("Text"), length=9))
    label = md.CustomField.read("Account.Conformance__c").label
    md.CustomField.delete(["Account.Conformance__c"])
    return label

step("simple-salesforce query", lambda: sf.query("SELECT Id, Name FROM Account LIMIT 5")["totalSize"])
step("simple-salesforce create, update", change)
step("simple-salesforce file", file)
step("simple-salesforce Bulk 2.0", bulk)
step("simple-salesforce metadata through zeep", metadata)
step("simple-salesforce delete", lambda: sf.Account.delete(made["id"]))

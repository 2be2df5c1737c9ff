// Never compiled, never run: see README.md.
// Reads suppliers' accounts so that a changed one is noticed. Nothing can be written through it.
page 50100 "EA Vendor Bank Accounts"
{
    PageType = API;
    APIPublisher = 'erpAgent';
    APIGroup = 'payables';
    APIVersion = 'v1.0';
    EntityName = 'vendorBankAccount';
    EntitySetName = 'vendorBankAccounts';
    EntityCaption = 'Vendor Bank Account';
    EntitySetCaption = 'Vendor Bank Accounts';
    SourceTable = "Vendor Bank Account";
    ODataKeyFields = SystemId;
    Editable = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    DeleteAllowed = false;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; }
                field(vendorNumber; Rec."Vendor No.") { Caption = 'Vendor Number'; }
                field(code; Rec.Code) { Caption = 'Code'; }
                field(name; Rec.Name) { Caption = 'Name'; }
                field(iban; Rec.IBAN) { Caption = 'IBAN'; }
                field(swiftCode; Rec."SWIFT Code") { Caption = 'SWIFT Code'; }
                field(bankBranchNumber; Rec."Bank Branch No.") { Caption = 'Bank Branch Number'; }
                field(bankAccountNumber; Rec."Bank Account No.") { Caption = 'Bank Account Number'; }
                field(currencyCode; Rec."Currency Code") { Caption = 'Currency Code'; }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified Date'; }
            }
        }
    }
}

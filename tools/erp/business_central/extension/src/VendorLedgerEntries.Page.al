// Never compiled, never run: see README.md.
// Open items with what is left of them, and On Hold, the only field that can be written: it stops payment
// proposals and can be taken back. Codeunit 113 is the base application's own way to change an entry.
page 50101 "EA Vendor Ledger Entries"
{
    PageType = API;
    APIPublisher = 'erpAgent';
    APIGroup = 'payables';
    APIVersion = 'v1.0';
    EntityName = 'vendorLedgerEntry';
    EntitySetName = 'vendorLedgerEntries';
    EntityCaption = 'Vendor Ledger Entry';
    EntitySetCaption = 'Vendor Ledger Entries';
    SourceTable = "Vendor Ledger Entry";
    ODataKeyFields = SystemId;
    InsertAllowed = false;
    DeleteAllowed = false;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; Editable = false; }
                field(entryNumber; Rec."Entry No.") { Caption = 'Entry Number'; Editable = false; }
                field(documentType; Rec."Document Type") { Caption = 'Document Type'; Editable = false; }
                field(documentNumber; Rec."Document No.") { Caption = 'Document Number'; Editable = false; }
                field(externalDocumentNumber; Rec."External Document No.") { Caption = 'External Document Number'; Editable = false; }
                field(vendorNumber; Rec."Vendor No.") { Caption = 'Vendor Number'; Editable = false; }
                field(postingDate; Rec."Posting Date") { Caption = 'Posting Date'; Editable = false; }
                field(dueDate; Rec."Due Date") { Caption = 'Due Date'; Editable = false; }
                field(currencyCode; Rec."Currency Code") { Caption = 'Currency Code'; Editable = false; }
                field(open; Rec.Open) { Caption = 'Open'; Editable = false; }
                field(remainingAmount; Rec."Remaining Amount") { Caption = 'Remaining Amount'; Editable = false; }
                field(onHold; Rec."On Hold") { Caption = 'On Hold'; }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified Date'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    begin
        Rec.CalcFields("Remaining Amount");
    end;

    trigger OnModifyRecord(): Boolean
    begin
        Rec.TestField(Open, true);
        Codeunit.Run(Codeunit::"Vend. Entry-Edit", Rec);
        exit(false); // the codeunit has written the record
    end;
}
